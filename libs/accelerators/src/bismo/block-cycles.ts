import type { TiledGemm } from './tiling.js';

/** One super-tile of a product, with both operands in their buffers' reach. */
export type Block = {
  readonly rows: number;
  readonly rowTiles: number;
  readonly columns: number;
  readonly columnTiles: number;
  readonly weightBits: number;
  readonly activationBits: number;
  /** Columns of a full tile (Dn). */
  readonly arrayColumns: number;
};

/** Cycles of one super-tile: the better of keeping activations or weights in the buffer (min(A, W)). */
export function blockCycles(block: Block, gemm: TiledGemm): number {
  return Math.min(activationsStationary(block, gemm), weightsStationary(block, gemm));
}

/**
 * A: columns arrive while the first row tile is computed, rows stream past. Either the columns' arrival and the
 * passes over the other row tiles set the pace, or the stream of weights does.
 */
function activationsStationary(block: Block, gemm: TiledGemm): number {
  const { rows, rowTiles, columnTiles, weightBits, activationBits } = block;
  const { depthWords, lineCycles } = gemm;
  const otherRowTiles = depthWords * (rowTiles - 1) * columnTiles * weightBits;
  const columnsPace = activationBits * (arrivalCycles(block, gemm, weightBits) + otherRowTiles) + (weightBits - 1);
  const firstColumnTiles = (columnTiles - 1) * depthWords * activationBits;
  const weightsPace = weightBits * (rows * lineCycles + firstColumnTiles + (activationBits - 1));
  return Math.max(columnsPace, weightsPace);
}

/**
 * W: weights arrive while the first column tile is computed, columns stream past. Either the weights' arrival and the
 * passes over the other column tiles set the pace, or the stream of activations does.
 */
function weightsStationary(block: Block, gemm: TiledGemm): number {
  const { rows, rowTiles, columnTiles, weightBits, activationBits } = block;
  const { depthWords, lineCycles } = gemm;
  const otherColumnTiles = (columnTiles - 1) * rowTiles * depthWords * weightBits * activationBits;
  const weightsPace = rows * lineCycles * weightBits + (activationBits - 1) + otherColumnTiles;
  const firstRowTiles = depthWords * (rowTiles - 1) * weightBits + (weightBits - 1);
  const columnsPace = activationBits * (arrivalCycles(block, gemm, rowTiles * weightBits) + firstRowTiles);
  return Math.max(weightsPace, columnsPace);
}

/**
 * S(c): cycles until one bit plane of every column has arrived, when each tile's word also waits for `passCycles`
 * cycles of computation: the sum over words i and column tiles j of max(columns_j f_i, c).
 */
function arrivalCycles(block: Block, gemm: TiledGemm, passCycles: number): number {
  const { columns, columnTiles, arrayColumns } = block;
  const lastColumns = columns - (columnTiles - 1) * arrayColumns;
  const ofWord = (wordCycles: number) =>
    (columnTiles - 1) * Math.max(arrayColumns * wordCycles, passCycles) +
    Math.max(lastColumns * wordCycles, passCycles);
  return (gemm.depthWords - 1) * ofWord(gemm.fullWordCycles) + ofWord(gemm.lastWordCycles);
}
