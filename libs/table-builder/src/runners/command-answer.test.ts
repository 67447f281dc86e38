import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandAnswer } from './command-answer.js';

describe('what a command prints', () => {
  it.each<[string, readonly number[]]>([
    ['0.5', [0.5]],
    ['0.5\n\n 1e-3 \r\n2\n', [0.5, 0.001, 2]],
    ['{"ms": 0.5}', [0.5]],
    ['\n{"ms": [0.5, 1]}\n', [0.5, 1]],
  ])('is taken for samples: %j', (text, samplesMs) => {
    expect(parseCommandAnswer(text)).toEqual({ outcome: 'measured', samplesMs, figures: {} });
  });

  it('may say more as JSON', () => {
    const figures = {
      energyMj: 2,
      trafficBytes: 1000,
      spreadMs: 0.1,
      executedWeightBits: 8,
      executedActivationBits: 32,
    };
    expect(parseCommandAnswer(JSON.stringify({ ms: [1], ...figures, device: { clock: 1.5, os: 'Linux' } }))).toEqual({
      ...{ outcome: 'measured', samplesMs: [1], figures, device: { clock: '1.5', os: 'Linux' } },
    });
  });

  it('may say that the device cannot run the layer', () => {
    expect(parseCommandAnswer('{"unsupported": "no kernel"}')).toEqual({ outcome: 'unsupported', reason: 'no kernel' });
  });

  it.each<[string, RegExp]>([
    ['', /^printed nothing; print milliseconds/],
    [' \n', /^printed nothing/],
    ['Loading model\n0.5', /^printed "Loading model"; standard output takes numbers/],
    ['0.5 ms', /^printed "0.5 ms"/],
    ['NaN', /^printed "NaN"/],
    ['inf', /^printed "inf"/],
    ['Infinity', /^printed "Infinity"/],
    ['-0.5', /^printed "-0.5"/],
    ['0', /^printed "0"/],
    ['1,5', /^printed "1,5"/],
    ['{"ms": [0.5', /^printed no JSON/],
    ['{"ms": []}', /^printed JSON whose ms/],
    ['{"ms": [0.5, 0]}', /^printed JSON whose ms\[1\] must be above 0 ms, not 0/],
    ['{"ms": [0.5, null]}', /ms\[1\] must be numbers of ms, not null/],
    ['{"ms": "0.5"}', /ms/],
    ['{"ms": 1, "energyMJ": 2}', /key energyMJ is not known/],
    ['{"ms": 1, "energyMj": -2}', /energyMj must be at least 0, not -2/],
    ['{"ms": 1, "executedWeightBits": 16}', /executedWeightBits must be an integer from 1 to 8, or 32/],
    ['{"unsupported": ""}', /ms/],
    ['{}', /ms/],
    ['[1, 2]', /^printed "\[1, 2\]"/],
  ])('is a failure that says why: %j', (text, reason) => {
    expect(parseCommandAnswer(text)).toEqual({ outcome: 'failed', reason: expect.stringMatching(reason) });
  });

  it('never gives a time that is none, whatever it is', () => {
    const piece = fc.oneof(fc.string(), fc.double().map(String), fc.json(), fc.constantFrom('{"ms":', '}', '\n', '1'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const answer = parseCommandAnswer(pieces.join(''));
        if (answer.outcome !== 'measured') return;
        expect(answer.samplesMs.every((sample) => Number.isFinite(sample) && sample > 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
