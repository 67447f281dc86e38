import { BitwrightError, parseConstraint, type Report } from '@bitwright/core';
import { expect, it } from 'vitest';
import { openSearches } from './fake-searches.js';

const FEW = {
  budget: [parseConstraint('latency<=0.5x')],
  weightBits: [2, 4, 8],
  activationBits: [2, 4, 8],
  strategy: { name: 'auto', options: {} },
  ...{ maxTrials: 2, finalists: 1 },
};
const PROJECTION = 'size-projection';

it('auto has the projection by size beside the uniform controls, fine-tuned and tested as they are', async () => {
  const { manager, run, store } = openSearches(FEW);
  const { id, progress } = await run();
  const report = JSON.parse(await manager.report(id)) as Report;
  const control = report.baselines.find(({ strategy }) => strategy === PROJECTION);
  expect(control).toMatchObject({ feasible: true, testAccuracy: expect.any(Number) });
  const trials = await store.trials(id);
  expect(trials.filter(({ role }) => role === 'strategy')).toHaveLength(2);
  // It is planned for as well: nothing is done that was not to be done.
  const [first] = progress.filter(({ phase }) => phase === 'baselines');
  expect(first?.total).toBe(report.baselines.length + 2 + report.baselines.length + 1);
});

it('a control is measured once, also where the search is interrupted behind it', async () => {
  const { quantizer, run, store } = openSearches(FEW);
  quantizer.before = async () => {
    const measured = (await Promise.all((await store.list({}, 1)).searches.map(({ id }) => store.trials(id)))).flat();
    if (measured.some(({ origin }) => origin === PROJECTION))
      throw new BitwrightError('failed_precondition', 'POWER', 'the power went');
  };
  const { id } = await run();
  const again = openSearches(FEW, store);
  await again.manager.resume(id);
  await again.watchToEnd(id);
  expect((await again.manager.get(id)).state).toBe('completed');
  const controls = (await store.trials(id)).filter(({ role, origin }) => role === 'baseline' && origin === PROJECTION);
  expect(controls).toHaveLength(1);
});

it('other strategies have none', async () => {
  const { manager, run } = openSearches(FEW);
  const { id } = await run({ strategy: { name: 'random', options: {} } });
  const { baselines } = JSON.parse(await manager.report(id)) as Report;
  expect(baselines.map(({ strategy }) => strategy)).not.toContain(PROJECTION);
});
