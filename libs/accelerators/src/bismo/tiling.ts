import type { GemmBatch } from '@bitwright/hardware-kit';
import type { BismoProfile } from './profile.js';

/** A product as the array sees it; symbols of docs/hardware/bismo.md in brackets. */
export type TiledGemm = {
  /** Tiles of `arrayRows` rows (Mt), of `arrayColumns` columns (Nt), and words of `dotProductBits` bits (Kt). */
  readonly rowTiles: number;
  readonly columnTiles: number;
  readonly depthWords: number;
  /** Port cycles to read each of the `depthWords - 1` full words (f) and the last one, which may be shorter. */
  readonly fullWordCycles: number;
  readonly lastWordCycles: number;
  /** Port cycles to read one row or column of one bit plane (F). */
  readonly lineCycles: number;
};

/** Cuts a product into tiles and words. */
export function tileGemm(profile: BismoProfile, { rows, depth, columns }: GemmBatch): TiledGemm {
  const { arrayRows, arrayColumns, dotProductBits, portBitsPerCycle } = profile;
  const depthWords = Math.ceil(depth / dotProductBits);
  const fullWordCycles = Math.ceil(dotProductBits / portBitsPerCycle);
  const lastWordCycles = Math.ceil((depth - (depthWords - 1) * dotProductBits) / portBitsPerCycle);
  return {
    rowTiles: Math.ceil(rows / arrayRows),
    columnTiles: Math.ceil(columns / arrayColumns),
    depthWords,
    fullWordCycles,
    lastWordCycles,
    lineCycles: (depthWords - 1) * fullWordCycles + lastWordCycles,
  };
}

/** Equal pieces of one side of a product: `count` pieces of `tiles` tiles that hold `lines` rows or columns. */
export type Piece = { readonly count: number; readonly tiles: number; readonly lines: number };

/**
 * Splits one side of a product into super-tiles that fit a buffer: whole tiles, spread as evenly as they go. At most
 * three kinds of piece result (longer, shorter, and the last one, whose last tile may be partly filled).
 */
export function splitIntoPieces(lines: number, tileLines: number, pieces: number): readonly Piece[] {
  const tiles = Math.ceil(lines / tileLines);
  const shortTiles = Math.floor(tiles / pieces);
  const longPieces = tiles % pieces;
  const lastLines = lines - (tiles - shortTiles) * tileLines;
  const kinds = [
    { count: longPieces, tiles: shortTiles + 1, lines: (shortTiles + 1) * tileLines },
    { count: pieces - longPieces - 1, tiles: shortTiles, lines: shortTiles * tileLines },
    { count: 1, tiles: shortTiles, lines: lastLines },
  ];
  return kinds.filter(({ count }) => count > 0);
}

/**
 * Pieces that one operand must be cut into for its buffer (Sm, Sn): one bit plane of each line and word takes one
 * buffer word. Never more pieces than tiles, because a tile is not divided.
 */
export function piecesFor(lines: number, tiles: number, depthWords: number, bits: number, bufferWords: number): number {
  return Math.min(tiles, Math.ceil((lines * depthWords * bits) / bufferWords));
}
