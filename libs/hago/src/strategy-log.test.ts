import { describe, expect, it } from 'vitest';
import { assertStrategyFits, formatStrategyRecord, parseStrategyLog, type StrategyRecord } from './strategy-log.js';

const record: StrategyRecord = {
  strategy: { modelHash: 'abc', hardware: 'my-npu', bits: [8, 6], thresholds: new Map([['input', 0.1 + 0.2]]) },
  measure: { accuracy: 0.93, divergence: 1e-5 },
};

describe('a strategy log', () => {
  it('has a line of JSON for each trial, in the form of HAGO', () => {
    expect(JSON.parse(formatStrategyRecord(record))).toEqual({
      version: 0.1,
      strategy: { model_hash: 'abc', hardware: 'my-npu', bits: [8, 6], thresholds: { input: 0.1 + 0.2 } },
      result: { accuracy: 0.93, kl_distance: 1e-5 },
    });
  });

  it('reads back as it was, digit for digit', () => {
    const text = `${formatStrategyRecord(record)}\n\n${formatStrategyRecord(record)}\n`;
    expect(parseStrategyLog(text, 'a.jsonl')).toEqual([record, record]);
  });

  const line = (changes: object) => JSON.stringify({ ...JSON.parse(formatStrategyRecord(record)), ...changes });

  it.each<[string, RegExp]>([
    ['', /a.jsonl: has no strategy/],
    ['{', /a.jsonl: line 1: is not JSON/],
    [line({ version: 2 }), /line 1: version/],
    [line({ result: { accuracy: 2, kl_distance: 0 } }), /result.accuracy/],
    [line({ strategy: { model_hash: 'abc', hardware: 'x', bits: [0], thresholds: {} } }), /strategy.bits.0/],
    [
      line({ strategy: { model_hash: 'abc', hardware: 'x', bits: [8], thresholds: { a: -1 } } }),
      /strategy.thresholds.a/,
    ],
  ])('is refused with the line and the field: %s', (text, expected) => {
    expect(() => parseStrategyLog(text, 'a.jsonl')).toThrow(expected);
    expect(() => parseStrategyLog(text, 'a.jsonl')).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
  });
});

describe('a strategy', () => {
  it('serves the model, the hardware and the edges that it was found for, and no others', () => {
    const { strategy } = record;
    expect(() => assertStrategyFits(strategy, 'abc', 'my-npu', 2)).not.toThrow();
    for (const [hash, hardware, count] of [
      ['abd', 'my-npu', 2],
      ['abc', 'other', 2],
      ['abc', 'my-npu', 3],
    ] as const) {
      expect(() => assertStrategyFits(strategy, hash, hardware, count)).toThrow(
        expect.objectContaining({ kind: 'failed_precondition', reason: 'STRATEGY_MODEL' }),
      );
    }
  });
});
