import type { LoopNest } from './loop-nest.js';
import type { BitfusionProfile } from './profile.js';

/** The loops around a tile, in the order in which {@link TiledLayer.trips} counts them. */
export const LOOPS = ['images', 'outputHeight', 'outputWidth', 'inputChannels', 'outputChannels'] as const;

export type Loop = (typeof LOOPS)[number];

/** What the array works on without new data: so many of each loop. */
export type Tile = Readonly<Record<Loop, number>>;

/**
 * Every tile that is searched: powers of two, or the whole loop, for images, for height and width alike, and for input
 * channels; whole columns of the array, times powers of two, for output channels.
 */
export function tilesOf(profile: BitfusionProfile, nest: LoopNest): readonly Tile[] {
  const { arrayColumns } = profile;
  const tiles: Tile[] = [];
  for (const images of powersUpTo(nest.images)) {
    for (const side of powersUpTo(Math.max(nest.outputHeight, nest.outputWidth))) {
      const area = { outputHeight: Math.min(side, nest.outputHeight), outputWidth: Math.min(side, nest.outputWidth) };
      for (const inputChannels of powersUpTo(nest.inputChannels)) {
        for (const columns of powersUpTo(Math.ceil(nest.outputChannels / arrayColumns))) {
          const outputChannels = Math.min(columns * arrayColumns, nest.outputChannels);
          tiles.push({ images, ...area, inputChannels, outputChannels });
        }
      }
    }
  }
  return tiles;
}

/** How often each loop runs over tiles; a last tile that is not full counts in full. */
export function tripsOf(nest: LoopNest, tile: Tile): readonly number[] {
  return LOOPS.map((loop) => Math.ceil(nest[loop] / tile[loop]));
}

/** 1, 2, 4, … and `limit` itself. */
function powersUpTo(limit: number): readonly number[] {
  const powers: number[] = [];
  for (let power = 1; power < limit; power *= 2) powers.push(power);
  return [...powers, limit];
}
