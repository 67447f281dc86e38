import { createRandomSource, type Model, type Parameters } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToyDataset, createToyNetwork, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { measureAccuracy } from '../measuring/classifier.js';
import { createTrainingStep } from '../training/training-step.js';
import { createParameters, parameterShapes } from './create-parameters.js';
import { foldBatchNormalization } from './fold-batch-normalization.js';
import { fromTensorflowValues, toTensorflowValues } from './parameter-layout.js';

const random = createRandomSource(5);
const network = createToyNetwork();

/** Fresh parameters with statistics and scales as a trained network might have them. */
function trainedLooking(): Parameters {
  return new Map(
    [...createParameters(network, random)].map(([name, tensor]) => {
      if (name.endsWith('.weight') || name.endsWith('.bias')) return [name, tensor];
      const values = tensor.values.map((value) =>
        name.endsWith('.variance') ? 0.5 + random.uniform() : value + 0.3 * random.normal(),
      );
      return [name, { ...tensor, values }];
    }),
  );
}

describe('folding batch normalization', () => {
  it('leaves the function as it is', () => {
    const model: Model = { network, parameters: trainedLooking() };
    const folded = foldBatchNormalization(model);
    expect(folded.network.nodes.some(({ operation }) => operation.kind === 'batch-normalization')).toBe(false);
    const samples = createToyDataset().splits.test;
    const [before, after] = [model, folded].map((entry) => measureAccuracy(entry, samples, TOY_PREPROCESSING));
    expect(after?.loss).toBeCloseTo(before?.loss ?? 0, 4);
    expect(after?.classes).toEqual(before?.classes);
  });

  it('during training gives the loss and the update of frozen normalization', () => {
    const parameters = trainedLooking();
    const options = {
      batchSize: 16,
      labelSmoothing: 0.1,
      momentum: 0.9,
      weightDecay: 1e-3,
      decays: () => true,
    } as const;
    const images = Uint8Array.from({ length: 16 * 64 }, () => random.integer(256));
    const batch = { images, labels: Int32Array.from({ length: 16 }, () => random.integer(4)) };
    using folded = createTrainingStep(network, TOY_PREPROCESSING, {
      ...options,
      batchNormalization: { kind: 'folded' },
    });
    using frozen = createTrainingStep(network, TOY_PREPROCESSING, {
      ...options,
      batchNormalization: { kind: 'frozen' },
    });
    folded.start(parameters);
    frozen.start(parameters);
    for (let step = 0; step < 2; step += 1) expect(folded.run(batch, 0.05)).toBeCloseTo(frozen.run(batch, 0.05), 4);
    for (const [name, { values }] of frozen.parameters()) {
      const found = folded.parameters().get(name)?.values as Float32Array;
      found.forEach((value, index) => {
        expect(value, name).toBeCloseTo(values[index] as number, 3);
      });
    }
  });
});

describe('parameter layouts', () => {
  it('go to TensorFlow and back', () => {
    const anyShape = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(anyShape, (shape) => {
        const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => index);
        expect(fromTensorflowValues(toTensorflowValues({ shape, values }), shape)).toEqual(values);
      }),
    );
  });

  it('turn OIHW into HWIO', () => {
    const values = Float32Array.from({ length: 2 * 3 * 1 * 2 }, (_, index) => index);
    expect(Array.from(toTensorflowValues({ shape: [2, 3, 1, 2], values }))).toEqual([
      0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11,
    ]);
  });
});

it('fresh parameters have the shapes of the network and the spread of He initialization', () => {
  const parameters = createParameters(network, createRandomSource(1));
  expect([...parameters.keys()]).toEqual([...parameterShapes(network).keys()]);
  expect(parameters.get('reduce.weight')?.shape).toEqual([8, 1, 3, 3]);
  expect(parameters.get('stem.norm.variance')?.values.every((value) => value === 1)).toBe(true);
  const values = parameters.get('stem.weight')?.values as Float32Array;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  expect(deviation).toBeGreaterThan(0.7 * Math.sqrt(2 / 72));
  expect(deviation).toBeLessThan(1.4 * Math.sqrt(2 / 72));
});
