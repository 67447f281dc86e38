import {
  type HardwareCatalog,
  type HardwareFeedback,
  type PrecisionPolicy,
  parseConstraint,
  type Report,
  resolvePolicy,
} from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const LATENCY = parseConstraint('latency<=0.5x');
const FEW = { budget: [LATENCY], activationBits: [2, 4, 8], strategy: { name: 'sensitivity', options: {} } };

/** The same hardware, no sum over layers: whole networks take `factor` times what the table of layers adds up to. */
function whollySlower(catalog: HardwareCatalog, factor: number): HardwareCatalog {
  return {
    list: () => catalog.list(),
    open: async (name) => {
      const hardware = await catalog.open(name);
      return {
        describe: async () => ({ ...(await hardware.describe()), additive: false }),
        tabulate: (layers, options) => hardware.tabulate(layers, options),
        async *evaluate(...asked) {
          for await (const feedback of hardware.evaluate(...asked)) yield timesLatency(feedback, factor);
        },
      };
    },
  };
}

const timesLatency = (feedback: HardwareFeedback, factor: number): HardwareFeedback => ({
  ...feedback,
  latencyMs: factor * feedback.latencyMs,
});

/** A search that has ended, its hardware gone since. */
async function searchOn(factor: number, weightBits: readonly number[]) {
  const { manager, ports, run, store } = openSearches({ ...FEW, weightBits, maxTrials: 4 });
  const catalog = ports.hardware;
  Object.assign(ports, { hardware: whollySlower(catalog, factor) });
  const { id } = await run();
  const report = JSON.parse(await manager.report(id)) as Report;
  const away = () => Promise.reject(new Error('away'));
  const resolve = () =>
    resolvePolicy({ ...ports, hardware: { list: away, open: away } } as typeof ports, id, [LATENCY]);
  const latencyOf = async (policy: PrecisionPolicy) => {
    const { layers } = await resolve();
    const hardware = await catalog.open('bismo-edge');
    for await (const { latencyMs } of hardware.evaluate(layers, [policy])) return factor * latencyMs;
    throw new Error('no answer');
  };
  return { id, store, limit: report.constraints[0]?.limit ?? 0, resolve, latencyOf };
}

describe.each([0.7, 1.4])('a policy for another budget where whole networks take %d times their layers', (factor) => {
  it('has the limit that the search had, keeps it on the hardware itself and uses it', async () => {
    const { limit, resolve, latencyOf } = await searchOn(factor, [2, 4, 8]);
    const { policy, cost, constraints } = await resolve();
    expect(constraints[0]?.limit).toBeCloseTo(limit, 12);
    expect(await latencyOf(policy)).toBeLessThanOrEqual(limit);
    expect(await latencyOf(policy)).toBeGreaterThan(0.97 * limit);
    expect(cost.latencyMs).toBeCloseTo(await latencyOf(policy), 9);
  });

  it.each([
    ['by a control', [2, 4, 8]],
    ['by what evaluations found of others', [2, 4]],
  ])('has it, too, where an earlier version stored no reference: %s', async (_, weightBits) => {
    const { id, store, limit, resolve } = await searchOn(factor, weightBits);
    const { reference, ...basis } = JSON.parse((await store.basis(id)) ?? '');
    expect(reference.latencyMs).toBeCloseTo(2 * limit, 12);
    await store.saveBasis(id, JSON.stringify(basis));
    expect((await resolve()).constraints[0]?.limit).toBeCloseTo(limit, 9);
  });
});
