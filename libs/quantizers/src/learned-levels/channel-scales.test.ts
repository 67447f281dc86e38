import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelScales, overScales, timesScales } from './channel-scales.js';

const finite = fc.float({ noNaN: true, min: -1000, max: 1000 });

describe('channel scales', () => {
  it('are the largest magnitudes, and 1 where all is zero', () => {
    expect(channelScales(Float32Array.of(1, -3, 0, 0, 0.5, 0.25), 3)).toEqual(Float32Array.of(3, 1, 0.5));
  });

  it('bring every channel into -1..1, its largest to an end, and back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(finite, finite, finite), { minLength: 1, maxLength: 8 }), (channels) => {
        const values = Float32Array.from(channels.flat());
        const scales = channelScales(values, channels.length);
        const inUnits = overScales(values, scales);
        channels.forEach((channel, at) => {
          const largest = Math.max(...inUnits.subarray(3 * at, 3 * at + 3).map(Math.abs));
          expect(largest).toBe(channel.every((value) => value === 0) ? 0 : 1);
        });
        timesScales(inUnits, scales).forEach((value, at) => {
          expect(Math.abs(value - (values[at] as number))).toBeLessThanOrEqual(
            1e-6 * Math.abs(values[at] as number) + 1e-42,
          );
        });
      }),
    );
  });

  it('refuse weights that do not divide into channels', () => {
    expect(() => channelScales(new Float32Array(5), 2)).toThrow('5 weights do not divide into 2 channels');
  });
});
