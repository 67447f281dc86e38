import type { Layer, Parameters, ParameterTensor } from '@bitwright/core';
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

/** Values that stand for all of an input: the middles of so many equal parts of them. */
const INPUT_VALUES = 20_000;
const INPUT_SHARES = Array.from({ length: INPUT_VALUES }, (_, index) => (index + 0.5) / INPUT_VALUES);

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
    const magnitudes = quantilesOf(histograms.get(inputTensor) as Histogram, INPUT_SHARES);
    // The histogram does not know signs: values of both are taken to be alike.
    const signs = inputSigned ? [1, -1] : [1];
    return fitLevels(Float32Array.from(signs.flatMap((sign) => magnitudes.map((value) => sign * value))), bits);
  }
  const { values } = model.parameters.get(`${name}.weight`) as ParameterTensor;
  return fitLevels(overScales(values, scalesOf(open, layer)), bits);
}

/** Of the output channels of a layer whose levels are learned. */
export function scalesOf(plan: QuantizationPlan, layer: number): Float32Array {
  const { weight } = plan[layer] as QuantizationPlan[number];
  return weight.kind === 'levels' ? weight.scales : Float32Array.of(1);
}
