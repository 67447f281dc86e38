import { fusionFactor } from './fusion.js';
import type { LoopNest } from './loop-nest.js';
import type { BitfusionProfile } from './profile.js';
import { type Tile, tripsOf } from './tiling.js';

/** Bits as stored; the array works with {@link fusedBits} of them. */
export type Precision = { readonly weightBits: number; readonly activationBits: number };

/** A layer cut into equal tiles; what does not depend on the order of the loops. */
export type TiledLayer = {
  readonly tile: Tile;
  /** Tiles along each of {@link LOOPS}. */
  readonly trips: readonly number[];
  /** Bits of one tile of each tensor, as stored in its buffer. */
  readonly inputBits: number;
  readonly weightBits: number;
  readonly outputBits: number;
  /** Cycles in which the array is busy, all tiles together. */
  readonly computeCycles: number;
  /** Energy to feed the array from the buffers, all tiles together. */
  readonly feedPicojoules: number;
};

/** Cuts a layer into tiles of one size; undefined where a tile outgrows half of its buffer. */
export function tileLayer(
  profile: BitfusionProfile,
  nest: LoopNest,
  precision: Precision,
  tile: Tile,
): TiledLayer | undefined {
  const depth = depthOf(profile, nest, precision, tile);
  const area = tile.outputHeight * tile.outputWidth;
  const columns = Math.ceil(tile.outputChannels / profile.arrayColumns);
  const inputBits = inputElements(nest, tile) * tile.images * precision.activationBits;
  const weightBits = depth.storedLanes * tile.outputChannels * precision.weightBits;
  const outputBits = area * columns * profile.arrayColumns * tile.images * profile.partialSumBits;
  if (inputBits > halfOf(profile.inputBufferBytes)) return undefined;
  if (weightBits > halfOf(profile.weightBufferBytes)) return undefined;
  if (outputBits > halfOf(profile.outputBufferBytes)) return undefined;
  const trips = tripsOf(nest, tile);
  const tiles = trips.reduce((product, count) => product * count, 1);
  return {
    tile,
    trips,
    inputBits,
    weightBits,
    outputBits,
    computeCycles: tiles * tile.images * area * columns * depth.cycles,
    feedPicojoules: tiles * tileFeedPicojoules(profile, nest, precision, tile),
  };
}

/** Bits that one tensor may keep in a buffer while the other half is loaded. */
export const halfOf = (bufferBytes: number) => (bufferBytes * 8) / 2;

/** Cycles for one output of each column, and places of the array for which the weights of one output are stored. */
function depthOf(profile: BitfusionProfile, nest: LoopNest, { weightBits, activationBits }: Precision, tile: Tile) {
  const lanes = profile.arrayRows * fusionFactor(weightBits, activationBits);
  const kernelArea = nest.kernelHeight * nest.kernelWidth;
  const unrolledCycles = Math.ceil((kernelArea * tile.inputChannels) / lanes);
  const channelWiseCycles = kernelArea * Math.ceil(tile.inputChannels / lanes);
  const cycles = nest.lowering === 'channel-wise' ? channelWiseCycles : unrolledCycles;
  // Weights are packed without gaps between kernel positions, also where the array takes them one by one.
  return { cycles, storedLanes: unrolledCycles * lanes };
}

/** Elements of the input that one image's tile reads. */
function inputElements(nest: LoopNest, tile: Tile): number {
  const height = nest.kernelHeight + (tile.outputHeight - 1) * nest.stride;
  const width = nest.kernelWidth + (tile.outputWidth - 1) * nest.stride;
  switch (nest.lowering) {
    case 'channel-wise':
      return height * width * tile.inputChannels;
    case 'im2col':
      return tile.outputHeight * tile.outputWidth * nest.kernelHeight * nest.kernelWidth * tile.inputChannels;
    case 'own-planes':
      return height * width * planesOf(nest, tile);
  }
}

/** Input planes that a tile's output channels need, where not all of them read the same. */
const planesOf = (nest: LoopNest, tile: Tile) =>
  nest.lowering === 'own-planes' ? Math.ceil(tile.outputChannels / nest.outputChannelsPerPlane) : 1;

/**
 * Energy to feed the array for one tile, with the cheapest of the three tensors kept in place: what stays is read
 * once, the other two with every product, and partial sums are then read and written again.
 */
function tileFeedPicojoules(profile: BitfusionProfile, nest: LoopNest, precision: Precision, tile: Tile): number {
  const positions = tile.images * tile.outputHeight * tile.outputWidth;
  const depth = nest.kernelHeight * nest.kernelWidth * tile.inputChannels;
  const products = positions * depth * tile.outputChannels;
  const { inputBuffer, weightBuffer, outputBuffer, partialSumBits } = profile;
  const input = precision.activationBits * inputBuffer.readPicojoulesPerBit;
  const weight = precision.weightBits * weightBuffer.readPicojoulesPerBit;
  const output = partialSumBits * (outputBuffer.readPicojoulesPerBit + outputBuffer.writePicojoulesPerBit);
  const inputStationary = positions * depth * planesOf(nest, tile) * input + products * (weight + output);
  const outputStationary = positions * tile.outputChannels * output + products * (input + weight);
  const weightStationary = depth * tile.outputChannels * weight + products * (input + output);
  return Math.min(inputStationary, outputStationary, weightStationary);
}
