import { deriveLayers, type Layer, type ParameterTensor } from '@bitwright/core';
import { fitChannels } from '@bitwright/quantizers';
import { expect, it } from 'vitest';
import { createToyDataset, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { createKeptPoints } from './kept-points.js';

const { network, parameters } = trainToyModel(createToyDataset());
const [first, second] = deriveLayers(network) as [Layer, Layer];
const weightOf = ({ name }: Layer) => parameters.get(`${name}.weight`) as ParameterTensor;
const options = { bits: 2, maximumPoints: 2 };

it('fits a layer once for the same bits and points, and anew for others', () => {
  const kept = createKeptPoints();
  const points = kept.fit(first, weightOf(first), options);
  expect(points).toEqual(fitChannels(weightOf(first), options));
  expect(kept.fit(first, weightOf(first), options)).toBe(points);
  for (const other of [
    { ...options, bits: 3 },
    { ...options, maximumPoints: 3 },
  ])
    expect(kept.fit(first, weightOf(first), other)).toEqual(fitChannels(weightOf(first), other));
  expect(kept.fit(second, weightOf(second), options)).toEqual(fitChannels(weightOf(second), options));
});

it('keeps no more than there is room for', () => {
  const bytes = 3 * weightOf(first).values.length;
  const [roomy, full] = [createKeptPoints(bytes), createKeptPoints(bytes - 1)];
  const isKept = (kept: typeof full) => {
    const points = kept.fit(first, weightOf(first), options);
    return kept.fit(first, weightOf(first), options) === points;
  };
  expect([isKept(roomy), isKept(full)]).toEqual([true, false]);
});
