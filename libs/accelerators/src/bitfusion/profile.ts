import type { ValidationFigure } from '@bitwright/core';

/**
 * How a depthwise layer reads its input. `own-planes`: every output channel brings the plane that it reads, which is
 * physical; `shared-plane`: all output channels read one plane, the literal im2col form with one input channel.
 */
export type DepthwiseLowering = 'own-planes' | 'shared-plane';

/** What the search for a tile and a loop order minimizes: cycles, then energy; or the product of both, then energy. */
export type MappingObjective = 'latency' | 'energy-delay';

/** Energy to move one bit out of and into a buffer. */
export type BufferEnergy = { readonly readPicojoulesPerBit: number; readonly writePicojoulesPerBit: number };

/**
 * Data sheet of a BitFusion instance. The symbols in brackets are those of docs/hardware/bitfusion.md; sizes are
 * positive integers, energies are not negative.
 */
export type BitfusionProfile = {
  readonly name: string;
  readonly description: string;
  /** Version of the model and its numbers; changes whenever a cost changes. */
  readonly version: string;
  /** Rows of fusion units, over which input channels are spread (N). */
  readonly arrayRows: number;
  /** Columns of fusion units, over which output channels are spread (M). */
  readonly arrayColumns: number;
  readonly clockMegahertz: number;
  /** Width of the interface to memory, reads and writes together (BW). */
  readonly memoryBitsPerCycle: number;
  /** Whole buffers; a tile may fill half of one, because the other half is loaded meanwhile. */
  readonly inputBufferBytes: number;
  readonly weightBufferBytes: number;
  readonly outputBufferBytes: number;
  /** Width of a partial sum in the output buffer and on its way to memory. */
  readonly partialSumBits: number;
  readonly depthwiseLowering: DepthwiseLowering;
  readonly objective: MappingObjective;
  readonly defaultBatchImages: number;
  readonly maximumBatchImages: number;
  /** Switching energy of one fusion unit in one busy cycle, the same at every width. */
  readonly fusionUnitPicojoules: number;
  readonly inputBuffer: BufferEnergy;
  readonly weightBuffer: BufferEnergy;
  readonly outputBuffer: BufferEnergy;
  readonly dramPicojoulesPerBit: number;
  readonly staticMilliwatts: number;
  /** Produced by test/fidelity/report-bitfusion.ts and held to it by test/fidelity/bitfusion.test.ts. */
  readonly validation: readonly ValidationFigure[];
};
