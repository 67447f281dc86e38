import { BitwrightError, type CostTable, type HardwareCatalog, parseConstraint } from '@bitwright/core';
import { expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const FEW = {
  budget: [parseConstraint('latency<=0.8x')],
  weightBits: [2, 4, 8],
  activationBits: [2, 4, 8],
  ...{ maxTrials: 12, finalists: 1, seed: 1 },
};

/** The same hardware with kernels for operands of equal widths alone. */
function equalWidths(catalog: HardwareCatalog): HardwareCatalog {
  const thin = (table: CostTable): CostTable => ({
    ...table,
    cells: table.cells.map((rows) =>
      rows.map((row, i) => row.map((cell, j) => (table.weightBits[i] === table.activationBits[j] ? cell : undefined))),
    ),
  });
  return {
    list: (signal) => catalog.list(signal),
    open: async (name) => {
      const hardware = await catalog.open(name);
      const tabulate: typeof hardware.tabulate = async (...asked) => thin(await hardware.tabulate(...asked));
      return Object.assign(Object.create(hardware) as typeof hardware, { tabulate });
    },
  };
}

function open(...parts: Parameters<typeof openSearches>) {
  const searches = openSearches(...parts);
  Object.assign(searches.ports, { hardware: equalWidths(searches.ports.hardware) });
  const hashes = async (id: string) =>
    (await searches.store.trials(id)).filter(({ role }) => role === 'strategy').map(({ policyHash }) => policyHash);
  return { ...searches, hashes };
}

it.each(['hago', 'haq'])(
  '%s: policies that hardware runs alike take one trial',
  async (name) => {
    const { run, hashes } = open(FEW);
    const { id } = await run({ strategy: { name, options: {} } });
    const tried = await hashes(id);
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried).toHaveLength(12);
  },
  120_000,
);

it('finds the same policies where it was interrupted', async () => {
  const spec = { ...FEW, strategy: { name: 'hago', options: {} } };
  const whole = open(spec);
  const expected = await whole.hashes((await whole.run()).id);
  const { quantizer, run, store } = open(spec);
  let evaluations = 0;
  quantizer.before = () => {
    evaluations += 1;
    if (evaluations > 13) throw new BitwrightError('failed_precondition', 'POWER', 'the power went');
  };
  const { id } = await run();
  const again = open(spec, store);
  await again.manager.resume(id);
  await again.watchToEnd(id);
  expect((await again.manager.get(id)).state).toBe('completed');
  expect((await again.hashes(id)).toSorted()).toEqual(expected.toSorted());
}, 120_000);

it('leaves searches on hardware with all pairs as they are: what a strategy proposes again is a trial again', async () => {
  const { run, store, quantizer } = openSearches({ ...FEW, budget: [], weightBits: [8], activationBits: [8] });
  const { id } = await run({ strategy: { name: 'random', options: {} }, maxTrials: 3 });
  const tried = (await store.trials(id)).filter(({ role }) => role === 'strategy');
  expect(tried).toHaveLength(3);
  expect(new Set(tried.map(({ policyHash }) => policyHash)).size).toBe(1);
  // It is 8 bits everywhere, which the controls have measured.
  expect(tried.every(({ seconds }) => seconds === 0)).toBe(true);
  expect(quantizer.requests.filter(({ split }) => split === 'validation').length).toBeLessThan(8);
});
