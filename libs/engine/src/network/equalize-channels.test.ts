import type { ParameterTensor } from '@bitwright/core';
import { expect, it } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING, trainToyModel } from '../evaluation/toy-task.test-support.js';
import { measureAccuracy } from '../measuring/classifier.js';
import { equalizeChannels } from './equalize-channels.js';
import { foldablePairs } from './fold-batch-normalization.js';

const data = createToyDataset();
const model = trainToyModel(data);
const [untouched = '', ...layers] = foldablePairs(model.network).keys();
const equalized = equalizeChannels(model, new Set(layers));

function channelsOf({ shape: [channels = 1], values }: ParameterTensor): readonly Float32Array[] {
  const size = values.length / channels;
  return Array.from({ length: channels }, (_, channel) => values.subarray(channel * size, (channel + 1) * size));
}

const weightOf = ({ parameters }: typeof model, layer: string) => parameters.get(`${layer}.weight`) as ParameterTensor;
const largest = (values: Float32Array) => Math.max(...values.map(Math.abs));
const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);

it('computes what it computed', () => {
  const [before, after] = [model, equalized].map((one) =>
    measureAccuracy(one, data.splits.validation, TOY_PREPROCESSING),
  );
  expect(after?.classes).toEqual(before?.classes);
  expect(after?.loss).toBeCloseTo(before?.loss as number, 5);
});

it.each(layers)('makes the channels of %s equally large, and the layer no larger', (layer) => {
  const magnitudes = channelsOf(weightOf(equalized, layer)).map(largest);
  expect(Math.max(...magnitudes) / Math.min(...magnitudes)).toBeCloseTo(1, 5);
  const spread = channelsOf(weightOf(model, layer)).map(largest);
  expect(Math.max(...spread) / Math.min(...spread)).toBeGreaterThan(1.05);
  const [before, after] = [model, equalized].map((one) => power(weightOf(one, layer).values)) as [number, number];
  expect(after / before).toBeCloseTo(1, 5);
});

it('leaves other layers as they are', () => {
  expect(weightOf(equalized, untouched)).toEqual(weightOf(model, untouched));
});

it('leaves a channel of zeros alone', () => {
  const [layer = ''] = layers;
  const parameters = new Map(model.parameters);
  const weight = weightOf(model, layer);
  const size = weight.values.length / (weight.shape[0] ?? 1);
  parameters.set(`${layer}.weight`, { ...weight, values: weight.values.map((value, at) => (at < size ? 0 : value)) });
  const [first, second] = channelsOf(weightOf(equalizeChannels({ ...model, parameters }, new Set(layers)), layer));
  expect(first?.every((value) => value === 0)).toBe(true);
  expect(second?.every(Number.isFinite)).toBe(true);
});
