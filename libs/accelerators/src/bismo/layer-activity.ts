import { type GemmBatch, type LayerShape, lowerBatchRows, lowerBlockDiagonal, macsOf } from '@bitwright/hardware-kit';
import { blockCycles } from './block-cycles.js';
import type { BismoProfile } from './profile.js';
import { piecesFor, splitIntoPieces, type TiledGemm, tileGemm } from './tiling.js';

/** What the accelerator does for one layer at one pair of bits; counts are of the whole batch. */
export type BismoActivity = {
  readonly cycles: number;
  /** Passes of the array: what the layer would take if operands were always there. */
  readonly computeCycles: number;
  /** As `computeCycles`, with rows and columns that are really occupied instead of whole tiles. */
  readonly occupiedCycles: number;
  readonly weightStreamCycles: number;
  readonly activationStreamCycles: number;
  /** What leaves memory through each port, in whole port words. */
  readonly weightReadBits: number;
  readonly activationReadBits: number;
  readonly writtenBits: number;
  /** 2 w a MACs. */
  readonly binaryOperations: number;
  /** Binary operations per byte read. */
  readonly operationalIntensity: number;
  /** Binary operations over what the array could do in `cycles`, 0..1. */
  readonly utilization: number;
};

/** Runs a layer through the model; docs/hardware/bismo.md has the equations. Bits are 1 to 8. */
export function bismoLayerActivity(
  profile: BismoProfile,
  layer: LayerShape,
  weightBits: number,
  activationBits: number,
  batch: number,
): BismoActivity {
  const product = lower(profile, layer, batch);
  const gemm = tileGemm(profile, product);
  const { rows, columns, count } = product;
  const rowPieces = piecesFor(rows, gemm.rowTiles, gemm.depthWords, weightBits, profile.weightBufferWords);
  const columnPieces = piecesFor(
    columns,
    gemm.columnTiles,
    gemm.depthWords,
    activationBits,
    profile.activationBufferWords,
  );
  const passes = gemm.depthWords * weightBits * activationBits;
  const occupiedTiles = (rows / profile.arrayRows) * (columns / profile.arrayColumns);
  const cycles =
    count * superTileCycles(profile, product, gemm, { weightBits, activationBits, rowPieces, columnPieces });
  // Each operand is read again for every piece of the other one.
  const weightStreamCycles = count * rows * weightBits * gemm.lineCycles * columnPieces;
  const activationStreamCycles = count * columns * activationBits * gemm.lineCycles * rowPieces;
  const readBits = (weightStreamCycles + activationStreamCycles) * profile.portBitsPerCycle;
  const binaryOperations = 2 * weightBits * activationBits * macsOf(layer) * batch;
  return {
    cycles,
    computeCycles: count * gemm.rowTiles * gemm.columnTiles * passes,
    occupiedCycles: count * occupiedTiles * passes,
    weightStreamCycles,
    activationStreamCycles,
    weightReadBits: weightStreamCycles * profile.portBitsPerCycle,
    activationReadBits: activationStreamCycles * profile.portBitsPerCycle,
    writtenBits: layer.outputHeight * layer.outputWidth * layer.outChannels * batch * profile.resultBits,
    binaryOperations,
    operationalIntensity: binaryOperations / (readBits / 8),
    utilization: binaryOperations / (cycles * peakBinaryOperationsPerCycle(profile)),
  };
}

/** What the whole array does in a cycle: a multiplication and an addition for each bit of each dot product. */
export function peakBinaryOperationsPerCycle(profile: BismoProfile): number {
  return 2 * profile.arrayRows * profile.arrayColumns * profile.dotProductBits;
}

function lower(profile: BismoProfile, layer: LayerShape, batch: number): GemmBatch {
  switch (profile.groupedLowering) {
    case 'batch_rows':
      return lowerBatchRows(layer, batch);
    case 'block_diagonal':
      return lowerBlockDiagonal(layer, batch, { rows: profile.arrayRows, depth: profile.dotProductBits });
  }
}

type SuperTiling = {
  readonly weightBits: number;
  readonly activationBits: number;
  readonly rowPieces: number;
  readonly columnPieces: number;
};

/** Cycles of one product: its super-tiles run one after the other. */
function superTileCycles(profile: BismoProfile, product: GemmBatch, gemm: TiledGemm, tiling: SuperTiling): number {
  const { arrayRows, arrayColumns } = profile;
  const { weightBits, activationBits } = tiling;
  const columnKinds = splitIntoPieces(product.columns, arrayColumns, tiling.columnPieces);
  let cycles = 0;
  for (const row of splitIntoPieces(product.rows, arrayRows, tiling.rowPieces)) {
    for (const column of columnKinds) {
      const rows = { rows: row.lines, rowTiles: row.tiles };
      const columns = { columns: column.lines, columnTiles: column.tiles, arrayColumns };
      cycles += row.count * column.count * blockCycles({ ...rows, ...columns, weightBits, activationBits }, gemm);
    }
  }
  return cycles;
}
