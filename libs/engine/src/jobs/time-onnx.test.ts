import { createRandomSource } from '@bitwright/core';
import { exportOnnx } from '@bitwright/onnx';
import { describe, expect, it } from 'vitest';
import { createToyNetwork } from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import { timeInTurn } from './time-onnx.js';

const network = createToyNetwork();
const file = exportOnnx({ network, parameters: createParameters(network, createRandomSource(1)) });
const files = new Map([
  ['one', file],
  ['other', file],
]);
const OPTIONS = { threads: 1, batch: 1, longestMs: 60_000, pause: async () => {} };

describe('timing files in turn', () => {
  it('gives each file a time, and its speed against the first', async () => {
    const timings = await timeInTurn(files, network, OPTIONS);
    expect(timings.map(({ name }) => name)).toEqual(['one', 'other']);
    expect(timings[0]).toMatchObject({ speedUp: 1, speedUpSpread: 0 });
    for (const { medianMs, spreadMs, speedUp } of timings) {
      expect(Math.min(medianMs, speedUp)).toBeGreaterThan(0);
      expect(spreadMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('takes images in batches', async () => {
    const timings = await timeInTurn(files, network, { ...OPTIONS, batch: 16 });
    for (const { medianMs } of timings) expect(medianMs).toBeGreaterThan(0);
  });

  it('says how far it is, and does one round at least', async () => {
    const rounds: (readonly [number, number])[] = [];
    const pause = async (...round: [number, number]) => void rounds.push(round);
    const [one] = await timeInTurn(files, network, { ...OPTIONS, longestMs: 0, pause });
    expect(rounds).toEqual([[0, 24]]);
    expect(one?.medianMs).toBeGreaterThan(0);
  });

  it('ends where the caller gives up', async () => {
    const pause = async (round: number) => {
      if (round === 2) throw new Error('given up');
    };
    await expect(timeInTurn(files, network, { ...OPTIONS, pause })).rejects.toThrow('given up');
  });
});
