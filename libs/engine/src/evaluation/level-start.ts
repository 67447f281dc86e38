import {
  type Layer,
  type Parameters,
  type ParameterTensor,
  type PrecisionPolicy,
  uniformPolicy,
} from '@bitwright/core';
import {
  channelScales,
  fitLevels,
  type Histogram,
  type LearnedLevels,
  overScales,
  quantilesOf,
} from '@bitwright/quantizers';
import type { QuantizationPlan } from '../quantization/plan.js';
import type { Bench } from './bench.js';
import type { LearnedTensor } from './bit-budget.js';
import type { LearningOptions } from './learning.js';

/** All that is learned at B bits, what is pinned at 8. */
export function startPolicy({ layers }: Bench, { maximumBits, pin }: LearningOptions): PrecisionPolicy {
  const policy = uniformPolicy(layers.length, maximumBits);
  if (pin === 'none') return policy;
  const pinned = { weightBits: 8, activationBits: 8 };
  return { ...policy, layers: policy.layers.with(0, pinned).with(-1, pinned) };
}

/** The calibrated plan with quantizers that are still to be learned. */
export function startPlan(
  plan: QuantizationPlan,
  tensors: readonly LearnedTensor[],
  parameters: Parameters,
): QuantizationPlan {
  const open = { kind: 'levels', levels: new Float32Array(1) } as const;
  const learned = new Set(tensors.map(({ layer }) => layer));
  return plan.map((entry, index) => {
    if (!learned.has(index)) return entry;
    const { values } = parameters.get(`${entry.layer.name}.weight`) as ParameterTensor;
    return { ...entry, weight: { ...open, scales: channelScales(values, entry.layer.outChannels) }, activation: open };
  });
}

/** Levels fitted to the weight in units of its channels, or to what the float network has at an input. */
export function startOf(
  { layer, role }: LearnedTensor,
  { layers, model }: Bench,
  open: QuantizationPlan,
  histograms: ReadonlyMap<string, Histogram>,
  bits: number,
): LearnedLevels {
  const { name, inputTensor, inputSigned } = layers[layer] as Layer;
  if (role === 'input') {
    const magnitudes = quantilesOf(histograms.get(inputTensor) as Histogram, INPUT_QUANTILES);
    // The histogram does not know signs: values of both are taken to be alike.
    return fitLevels(inputSigned ? mirrored(magnitudes) : magnitudes, bits);
  }
  const { values } = model.parameters.get(`${name}.weight`) as ParameterTensor;
  return fitLevels(overScales(values, scalesOf(open, layer)), bits);
}

const mirrored = (values: Float32Array) => Float32Array.from([...values, ...values.map((value) => -value)]);

/** Of the output channels of a layer whose levels are learned. */
export function scalesOf(plan: QuantizationPlan, layer: number): Float32Array {
  const { weight } = plan[layer] as QuantizationPlan[number];
  return weight.kind === 'levels' ? weight.scales : Float32Array.of(1);
}

/** Values that stand for all of an input. */
const INPUT_QUANTILES = 20_000;
