import { createRandomSource, type Model, type ParameterTensor } from '@bitwright/core';
import { expect, it } from 'vitest';
import { createToyDataset, createToyNetwork, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import { finish } from '../work.js';
import { measureAccuracy } from './classifier.js';
import { settleStatistics } from './settle-statistics.js';
import { createStatisticsEstimator } from './statistics-estimator.js';

const random = createRandomSource(8);
const network = createToyNetwork();
const { training, test } = createToyDataset().splits;

/** Statistics far from those of the data, as after another training. */
const model: Model = {
  network,
  parameters: new Map(
    [...createParameters(network, random)].map(([name, tensor]): [string, ParameterTensor] => {
      if (name.endsWith('.weight') || name.endsWith('.bias')) return [name, tensor];
      const values = tensor.values.map((value) =>
        name.endsWith('.variance') ? 0.5 + random.uniform() : value + 0.3 * random.normal(),
      );
      return [name, { ...tensor, values }];
    }),
  ),
};
const settle = (batchSize: number) => finish(settleStatistics(model, TOY_PREPROCESSING, training, batchSize));

it('leaves the function as it is', () => {
  const [before, after] = [model.parameters, settle(64)].map((parameters) =>
    measureAccuracy({ network, parameters }, test, TOY_PREPROCESSING),
  );
  expect(after?.loss).toBeCloseTo(before?.loss ?? 0, 4);
  expect(after?.classes).toEqual(before?.classes);
});

it('has the statistics that estimating them anew gives', () => {
  const parameters = settle(training.count);
  using estimator = createStatisticsEstimator(network, TOY_PREPROCESSING);
  const estimated = finish(estimator.estimate(parameters, undefined, training, training.count));
  let moved = 0;
  for (const [name, { values }] of estimated) {
    if (!name.endsWith('.mean') && !name.endsWith('.variance')) continue;
    values.forEach((value, at) => {
      expect(value).toBeCloseTo(parameters.get(name)?.values[at] as number, 3);
      moved = Math.max(moved, Math.abs(value - (model.parameters.get(name)?.values[at] as number)));
    });
  }
  expect(moved).toBeGreaterThan(0.1);
});

it('has nothing to do without normalizations', () => {
  const bare = { ...model, network: { ...network, nodes: network.nodes.slice(0, 2) } };
  expect(finish(settleStatistics(bare, TOY_PREPROCESSING, training, 64))).toBe(model.parameters);
});
