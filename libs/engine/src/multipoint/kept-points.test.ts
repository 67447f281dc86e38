import { deriveLayers, type Layer, type ParameterTensor } from '@bitwright/core';
import { type FitOptions, fitChannels } from '@bitwright/quantizers';
import { expect, it } from 'vitest';
import { createToyDataset, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { createKeptPoints } from './kept-points.js';

const { network, parameters } = trainToyModel(createToyDataset());
const [first, second] = deriveLayers(network) as [Layer, Layer];
const weightOf = ({ name }: Layer) => parameters.get(`${name}.weight`) as ParameterTensor;
const options = { bits: 2, maximumPoints: 3 };

function keepCounting(mostBytes?: number) {
  let fits = 0;
  const kept = createKeptPoints(mostBytes, (weight: ParameterTensor, wanted: FitOptions) => {
    fits += 1;
    return fitChannels(weight, wanted);
  });
  return { kept, fits: () => fits };
}

it('fits a layer once for the same bits and points, and anew for others', () => {
  const { kept, fits } = keepCounting();
  const all = [
    [first, options],
    [first, { ...options, bits: 3 }],
    [first, { ...options, maximumPoints: 2 }],
    [second, options],
  ] as const;
  for (const round of [1, 2]) {
    for (const [layer, wanted] of all) {
      const expected = fitChannels(weightOf(layer), wanted);
      expect(kept.fit(layer, weightOf(layer), wanted), `round ${round}`).toEqual(expected);
    }
    expect(fits()).toBe(all.length);
  }
});

it('keeps no more than there is room for', () => {
  // Six rows of codes in all, and a coefficient of four bytes for each.
  const { values, shape } = weightOf(first);
  const bytes = 6 * (values.length + 4 * (shape[0] as number));
  for (const [room, expected] of [
    [bytes, 1],
    [bytes - 1, 2],
  ] as const) {
    const { kept, fits } = keepCounting(room);
    for (let time = 0; time < 2; time += 1) kept.fit(first, weightOf(first), options);
    expect(fits()).toBe(expected);
  }
});
