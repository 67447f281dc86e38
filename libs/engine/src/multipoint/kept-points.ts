import type { Layer, ParameterTensor } from '@bitwright/core';
import { type ChannelPoints, type FitOptions, fitChannels } from '@bitwright/quantizers';

/** The most that is kept, bytes: points of a network of a million weights at six widths. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Points fitted to layers' weights. They depend on bits and on how many a channel may have, not on the rest of a policy:
 * kept from one policy to the next, as long as there is room.
 */
export interface KeptPoints {
  fit(layer: Layer, weight: ParameterTensor, options: FitOptions): readonly ChannelPoints[];
}

export function createKeptPoints(mostBytes = MOST_BYTES, fitAnew = fitChannels): KeptPoints {
  const kept = new Map<string, PackedPoints>();
  let bytes = 0;
  return {
    fit: (layer, weight, options) => {
      const key = `${layer.index} ${options.bits} ${options.maximumPoints}`;
      const known = kept.get(key);
      if (known !== undefined) return unpack(known, options.maximumPoints);
      const points = fitAnew(weight, options);
      const packed = pack(points);
      const size = packed.codes.byteLength + packed.coefficients.byteLength;
      if (bytes + size <= mostBytes) {
        kept.set(key, packed);
        bytes += size;
      }
      return points;
    },
  };
}

/** In two arrays: a small array of its own for each point would take ten times what is in it. */
type PackedPoints = {
  /** Of each channel as one point, as two, …, a row for each point. */
  readonly codes: Int8Array;
  readonly coefficients: Float32Array;
};

function pack(channels: readonly ChannelPoints[]): PackedPoints {
  const sums = channels.flat();
  const rows = sums.flatMap(({ codes }) => codes);
  const size = rows[0]?.length ?? 0;
  const codes = new Int8Array(rows.length * size);
  rows.forEach((row, index) => {
    codes.set(row, index * size);
  });
  return { codes, coefficients: Float32Array.from(sums.flatMap(({ coefficients }) => [...coefficients])) };
}

function unpack({ codes, coefficients }: PackedPoints, maximumPoints: number): readonly ChannelPoints[] {
  const size = codes.length / coefficients.length;
  const perChannel = (maximumPoints * (maximumPoints + 1)) / 2;
  return Array.from({ length: coefficients.length / perChannel }, (_, channel) =>
    Array.from({ length: maximumPoints }, (_, more) => {
      const first = channel * perChannel + (more * (more + 1)) / 2;
      const rows = Array.from({ length: more + 1 }, (_, point) =>
        codes.subarray((first + point) * size, (first + point + 1) * size),
      );
      return { codes: rows, coefficients: coefficients.subarray(first, first + more + 1) };
    }),
  );
}
