import { describe, expect, it } from 'vitest';
import haq from '../fixtures/haq.json' with { type: 'json' };
import { fakeQuantize } from './fake-quantize.js';
import { linearGrid } from './grid.js';
import { haqQuantizeActivations, haqQuantizeWeights } from './haq-compat.test-support.js';

describe("the reference's weight quantization", () => {
  it.each(haq.weightQuantization)('comes out bit for bit: $case at $bits bits', ({ bits, clip, input, output }) => {
    expect(Array.from(haqQuantizeWeights(Float32Array.from(input), clip, bits))).toStrictEqual(output);
  });

  it.each(haq.weightQuantization)('is what ours gives, but for the sign of zero: $case at $bits bits', (golden) => {
    const ours = fakeQuantize(Float32Array.from(golden.input), linearGrid(golden.clip, golden.bits, true));
    expect(Array.from(ours).every((value, index) => value === golden.output[index])).toBe(true);
  });
});

describe("the reference's activation quantization", () => {
  it.each(haq.activationQuantization)('comes out bit for bit: signed $signed at $bits bits', (golden) => {
    const { signed, bits, range, input, output } = golden;
    expect(Array.from(haqQuantizeActivations(Float32Array.from(input), range, bits, signed))).toStrictEqual(output);
  });

  it.each(haq.activationQuantization)(
    'is what ours gives, but for the sign of zero: signed $signed at $bits bits',
    (golden) => {
      const ours = fakeQuantize(Float32Array.from(golden.input), linearGrid(golden.range, golden.bits, golden.signed));
      expect(Array.from(ours).every((value, index) => value === golden.output[index])).toBe(true);
    },
  );

  it('leaves the input alone at one signed bit, which it counts as none', () => {
    const input = Float32Array.of(-7, 0.3, 9);
    expect(haqQuantizeActivations(input, 4, 1, true)).toEqual(input);
  });
});
