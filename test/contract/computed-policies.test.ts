import { BitwrightError, fitsBudget, parseConstraint, policyHash, type Report, resolvePolicy } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const LATENCY = parseConstraint('latency<=0.5x');
const FEW = { budget: [LATENCY], weightBits: [2, 4, 8], activationBits: [2, 4, 8], maxTrials: 6 };

describe.each([
  ['ompq', { name: 'ompq', options: { beta: 2 } }, 'orthogonality', ['gamma', 'theta', 'importance']],
  [
    'sensitivity',
    { name: 'sensitivity', options: { measure: 'output-divergence' } },
    'output-divergence',
    ['weights2Bit', 'weights4Bit', 'activations2Bit', 'activations4Bit'],
  ],
] as const)('a search with %s', (_, strategy, measure, columns) => {
  it('measures what its strategy needs once, at the widths of the space, and reports it', async () => {
    const { manager, quantizer, run } = openSearches(FEW);
    const { id } = await run({ strategy });
    expect(quantizer.sensitivityRequests).toHaveLength(1);
    const [asked] = quantizer.sensitivityRequests;
    expect(asked).toMatchObject({ measures: [measure], weightBits: [2, 4, 8], activationBits: [2, 4, 8] });
    const report = JSON.parse(await manager.report(id)) as Report;
    expect(Object.keys(report.sensitivity?.columns ?? {})).toEqual(columns);
    expect(report.sensitivity?.columns[columns[0]]).toHaveLength(report.layers.length);
    expect(report.result.feasible).toBe(true);
    expect(report.trials.filter(({ role }) => role === 'strategy')).toHaveLength(6);
  });

  it('does not measure again when it is resumed', async () => {
    const { manager, quantizer, store, run } = openSearches(FEW);
    let left = 8;
    quantizer.before = () => {
      left -= 1;
      if (left < 0) throw new BitwrightError('failed_precondition', 'POWER', 'the power went');
    };
    const { id } = await run({ strategy });
    expect((await manager.get(id)).state).toBe('failed');
    expect(quantizer.sensitivityRequests).toHaveLength(1);
    const again = openSearches(FEW, store);
    await again.manager.resume(id);
    await again.watchToEnd(id);
    expect((await again.manager.get(id)).state).toBe('completed');
    expect(again.quantizer.sensitivityRequests).toEqual([]);
  });

  it('is solved for other budgets from what is stored alone', async () => {
    const { ports, quantizer, run } = openSearches(FEW);
    const { id } = await run({ strategy });
    const [evaluations, measured] = [quantizer.requests.length, quantizer.sensitivityRequests.length];
    const unreachable = {
      ...ports,
      hardware: { list: () => Promise.reject(new Error('away')), open: () => Promise.reject(new Error('away')) },
    };
    const tight = await resolvePolicy(unreachable, id, [
      parseConstraint('latency<=0.4x'),
      parseConstraint('size<=0.5x'),
    ]);
    const same = await resolvePolicy(unreachable, id, [LATENCY]);
    for (const { cost, constraints } of [tight, same]) expect(fitsBudget(cost, constraints)).toBe(true);
    expect(tight.constraints.map(({ metric }) => metric)).toEqual(['latency', 'size']);
    expect(tight.shadowPrices).toHaveLength(2);
    expect(Math.max(...same.shadowPrices)).toBeGreaterThan(0);
    expect(policyHash(tight.policy)).not.toBe(policyHash(same.policy));
    expect([quantizer.requests.length, quantizer.sensitivityRequests.length]).toEqual([evaluations, measured]);
  });

  it('is refused a budget that no policy meets, with the smallest reachable value', async () => {
    const { ports, run } = openSearches(FEW);
    const { id } = await run({ strategy });
    await expect(resolvePolicy(ports, id, [parseConstraint('latency<=0.001x')])).rejects.toMatchObject({
      kind: 'failed_precondition',
      reason: 'BUDGET_INFEASIBLE',
    });
  });
});

it('the solution for a search’s own budget is its first proposal', async () => {
  const { manager, ports, run } = openSearches(FEW);
  const { id } = await run({ strategy: { name: 'sensitivity', options: {} } });
  const { policy } = await resolvePolicy(ports, id, [LATENCY]);
  const report = JSON.parse(await manager.report(id)) as Report;
  const first = report.trials.find(({ origin }) => origin === 'sensitivity/solution');
  expect(first?.policyHash).toBe(policyHash(policy));
});

it('a search that tries its policies cannot be solved for another budget', async () => {
  const { ports, run } = openSearches(FEW);
  const { id } = await run({ strategy: { name: 'random', options: {} } });
  await expect(resolvePolicy(ports, id, [LATENCY])).rejects.toMatchObject({ reason: 'NOT_SOLVABLE' });
  await expect(resolvePolicy(ports, 'nobody', [LATENCY])).rejects.toMatchObject({ kind: 'not_found' });
});

it('wrong options of a strategy are refused before anything is measured', async () => {
  const { manager, quantizer, run } = openSearches(FEW);
  await expect(run({ strategy: { name: 'sensitivity', options: { measure: 'guess' } } })).rejects.toMatchObject({
    kind: 'invalid_argument',
  });
  expect(quantizer.sensitivityRequests).toEqual([]);
  await manager.close();
});
