import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../errors.js';
import { createSleepyClock } from '../fixtures/sleepy-clock.js';
import { type PrecisionPolicy, uniformPolicy } from '../policy/policy.js';
import type { Hardware, HardwareCatalog, HardwareFeedback } from '../ports/hardware.js';
import { Patience } from './patience.js';
import { createPatientCatalog } from './patient-hardware.js';

const away = () => new BitwrightError('unavailable', 'CONNECTION_LOST', 'board:1 is gone');
const policies = (count: number) => Array.from({ length: count }, (_, index) => uniformPolicy(1 + index, 8));

/**
 * Answers with the number of layers as latency. Each stream breaks after so many answers as the list says, having read
 * `ahead` more; when the list is at its end, no more breaks.
 */
function breakingHardware(breaks: readonly number[], ahead = 0) {
  const left = [...breaks];
  const hardware = {
    async *evaluate(_layers: unknown, asked: AsyncIterable<PrecisionPolicy>) {
      const lifetime = left.shift();
      const source = asked[Symbol.asyncIterator]();
      const read: Promise<IteratorResult<PrecisionPolicy>>[] = [];
      for (let answers = 0; ; answers += 1) {
        while (read.length <= ahead) read.push(source.next());
        if (answers === lifetime) throw away();
        const step = await (read.shift() as (typeof read)[0]);
        if (step.done === true) return;
        yield { latencyMs: step.value.layers.length } as HardwareFeedback;
      }
    },
  } as unknown as Hardware;
  return hardware;
}

function patient(catalog: HardwareCatalog): HardwareCatalog {
  const signal = new AbortController().signal;
  return createPatientCatalog(catalog, new Patience({ clock: createSleepyClock(), signal, limitMs: 1e9 }));
}

const catalogOf = (hardware: Hardware) => patient({ list: async () => [], open: async () => hardware });

async function latencies(hardware: Hardware, asked: Parameters<Hardware['evaluate']>[1]): Promise<number[]> {
  const answers: number[] = [];
  for await (const { latencyMs } of (await catalogOf(hardware).open('board')).evaluate([], asked))
    answers.push(latencyMs);
  return answers;
}

describe('patient hardware', () => {
  it('asks the catalog again for each try: a service may come back elsewhere', async () => {
    const opened: string[] = [];
    const addresses = ['old:1', 'old:1', 'new:2'];
    const catalog: HardwareCatalog = {
      list: async () => [],
      open: async () => {
        const address = addresses.shift() ?? 'new:2';
        opened.push(address);
        const describe = () => (address === 'new:2' ? Promise.resolve({ name: 'board' }) : Promise.reject(away()));
        return { describe } as unknown as Hardware;
      },
    };
    const hardware = await patient(catalog).open('board');
    expect(await hardware.describe()).toEqual({ name: 'board' });
    expect(opened).toEqual(['old:1', 'old:1', 'new:2']);
  });

  it('answers every policy once and in order, wherever streams break and however far they read ahead', async () => {
    const breaks = fc.array(fc.nat(5), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.nat(20), breaks, fc.nat(4), async (count, lifetimes, ahead) => {
        const answers = await latencies(breakingHardware(lifetimes, ahead), policies(count));
        expect(answers).toEqual(policies(count).map(({ layers }) => layers.length));
      }),
      { numRuns: 200 },
    );
  });

  it('does not lose the policy that a broken stream was waiting for', async () => {
    let give = (_policy: PrecisionPolicy) => {};
    const slow = async function* () {
      yield uniformPolicy(1, 8);
      yield await new Promise<PrecisionPolicy>((resolve) => {
        give = resolve;
      });
    };
    const answers = latencies(breakingHardware([1], 1), slow());
    setTimeout(() => give(uniformPolicy(2, 8)), 20);
    expect(await answers).toEqual([1, 2]);
  });

  it('passes on an error of the source of policies', async () => {
    const failing = async function* () {
      yield uniformPolicy(1, 8);
      throw new BitwrightError('data_loss', 'SOURCE', 'the source broke');
    };
    await expect(latencies(breakingHardware([]), failing())).rejects.toMatchObject({ reason: 'SOURCE' });
  });

  it('ends the stream when the reader stops', async () => {
    let returned = false;
    const endless = {
      evaluate: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ value: { latencyMs: 1 }, done: false }),
          return: async () => {
            returned = true;
            return { value: undefined, done: true };
          },
        }),
      }),
    } as unknown as Hardware;
    for await (const _ of (await catalogOf(endless).open('board')).evaluate([], policies(3))) break;
    expect(returned).toBe(true);
  });
});
