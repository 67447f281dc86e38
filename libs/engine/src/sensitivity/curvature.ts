import { createRandomSource, type Layer, type Parameters, type ParameterTensor } from '@bitwright/core';
import type { ImageBatch } from '../samples/image-batch.js';
import type { Work } from '../work.js';
import { type KnownFigures, measuredLine } from './measured-lines.js';
import type { SensitivityBench } from './sensitivity-task.js';
import { createWeightGradients, type WeightGradients, weightOf } from './weight-gradients.js';

/** Mean curvature of the loss per weight, one entry a layer. */
export type Curvatures = readonly number[];

/** Random directions behind one trace; its error falls with their root. */
const DIRECTIONS = 8;
/** Step of the difference of gradients, as a part of the root mean square of a layer's weights. */
const RELATIVE_STEP = 1e-2;

/**
 * The trace of the Hessian over each layer's own weights, divided by their number, by Hutchinson's estimator (as HAWQ-V2,
 * arXiv 1911.03852, section 3.2): the mean of v'Hv over random signs v, Hv from a central difference of gradients. All
 * layers are moved at once: what they do to each other has mean zero. A negative trace counts as none. Directions that are
 * known already are taken over.
 */
export function* hessianCurvatures(
  { model, preprocessing, evaluator: { layers } }: SensitivityBench,
  batches: readonly ImageBatch[],
  seed: number,
  known: KnownFigures = new Map(),
): Work<Curvatures> {
  const random = createRandomSource(seed);
  const traces = new Float64Array(layers.length);
  const { length: whole = 0 } = batches[0]?.labels ?? [];
  const full = batches.filter(({ labels }) => labels.length === whole);
  using gradients = createWeightGradients(model.network, layers, preprocessing, model.parameters, whole);
  for (let direction = 0; direction < DIRECTIONS; direction += 1) {
    const signs = layers.map(({ weights }) =>
      Float32Array.from({ length: weights }, () => (random.uniform() < 0.5 ? -1 : 1)),
    );
    const key = `hessian-trace/${direction}`;
    const found = known.get(key);
    if (found !== undefined) {
      add(traces, found);
      continue;
    }
    const steps = layers.map((layer) => RELATIVE_STEP * rootMeanSquare(weightsOf(model.parameters, layer)));
    const [ahead, behind] = [1, -1].map((side) => {
      gradients.setParameters(moved(model.parameters, layers, signs, steps, side));
      return meanGradients(gradients, full);
    }) as [readonly Float64Array[], readonly Float64Array[]];
    const shares = layers.map((_, layer) => {
      const difference = (ahead[layer] as Float64Array).map(
        (value, index) => value - (behind[layer]?.[index] as number),
      );
      const product = difference.reduce((sum, value, index) => sum + value * (signs[layer]?.[index] as number), 0);
      return product / (2 * (steps[layer] as number)) / DIRECTIONS;
    });
    add(traces, shares);
    const logLines = [measuredLine(key, shares)];
    yield { phase: 'measuring curvature', done: direction + 1, total: DIRECTIONS, logLines };
  }
  return layers.map(({ weights }, layer) => Math.max(0, traces[layer] as number) / weights);
}

/** Samples between two tellings of their sums. */
const SAMPLES_AT_ONCE = 16;

/**
 * The mean of squared gradients of single samples over each layer's weights (the empirical Fisher information). Goes on from
 * the most samples whose sums are known.
 */
export function* fisherCurvatures(
  { model, preprocessing, evaluator: { layers } }: SensitivityBench,
  samples: readonly ImageBatch[],
  known: KnownFigures = new Map(),
): Work<Curvatures> {
  const keyOf = (count: number) => `fisher/${count}`;
  const begun = samples.findLastIndex((_, index) => known.has(keyOf(index + 1))) + 1;
  const sums = Float64Array.from(known.get(keyOf(begun)) ?? layers.map(() => 0));
  using gradients = createWeightGradients(model.network, layers, preprocessing, model.parameters, 1);
  for (const [index, sample] of samples.entries()) {
    if (index < begun) continue;
    gradients.of(sample).forEach((gradient, layer) => {
      sums[layer] = (sums[layer] as number) + gradient.reduce((sum, value) => sum + value * value, 0);
    });
    const count = index + 1;
    if (count % SAMPLES_AT_ONCE !== 0 && count !== samples.length) continue;
    const logLines = [measuredLine(keyOf(count), sums)];
    yield { phase: 'measuring curvature', done: count, total: samples.length, logLines };
  }
  return layers.map(({ weights }, layer) => (sums[layer] as number) / samples.length / weights);
}

function add(sums: Float64Array, values: readonly number[]): void {
  for (const [index, value] of values.entries()) sums[index] = (sums[index] as number) + value;
}

const weightsOf = (parameters: Parameters, layer: Layer) => parameters.get(weightOf(layer)) as ParameterTensor;

function rootMeanSquare({ values }: ParameterTensor): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length) || 1;
}

/** All layers' weights, each moved along its signs. */
function moved(
  parameters: Parameters,
  layers: readonly Layer[],
  signs: readonly Float32Array[],
  steps: readonly number[],
  side: number,
): Parameters {
  return new Map(
    layers.map((layer, position) => {
      const { shape, values } = weightsOf(parameters, layer);
      const step = side * (steps[position] as number);
      return [
        weightOf(layer),
        { shape, values: values.map((value, index) => value + step * (signs[position]?.[index] as number)) },
      ];
    }),
  );
}

function meanGradients(gradients: WeightGradients, batches: readonly ImageBatch[]): readonly Float64Array[] {
  const sums: Float64Array[] = [];
  for (const batch of batches) {
    gradients.of(batch).forEach((gradient, layer) => {
      const sum = sums[layer] ?? new Float64Array(gradient.length);
      sums[layer] = sum.map((value, index) => value + (gradient[index] as number) / batches.length);
    });
  }
  return sums;
}
