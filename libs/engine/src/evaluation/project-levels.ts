import type { Parameters, ParameterTensor } from '@bitwright/core';
import { type LinearGrid, nearestLevels, overScales, projectOntoUniform } from '@bitwright/quantizers';
import type { ActivationPlan, LayerPlan, QuantizationPlan } from '../quantization/plan.js';

/** A plan with uniform grids in place of levels; `errors` are by layer, see `LearnedLayer.uniformError`. */
export type ProjectedPlan = { readonly plan: QuantizationPlan; readonly errors: readonly number[] };

/**
 * For hardware that cannot look levels up: each table becomes the uniform grid nearest to it. A weight's levels count by
 * the squared scales of the weights at each; an input's all the same, since what is at each depends on the images.
 */
export function projectPlan(plan: QuantizationPlan, parameters: Parameters): ProjectedPlan {
  const projected = plan.map((entry) => projectLayer(entry, parameters));
  return { plan: projected.map(({ entry }) => entry), errors: projected.map(({ error }) => error) };
}

function projectLayer(entry: LayerPlan, parameters: Parameters): { readonly entry: LayerPlan; readonly error: number } {
  const activation = projectInput(entry);
  if (entry.weight.kind !== 'levels') return { entry: { ...entry, activation }, error: 0 };
  const { levels, scales } = entry.weight;
  const { values } = parameters.get(`${entry.layer.name}.weight`) as ParameterTensor;
  const shares = new Float64Array(levels.length);
  let total = 0;
  nearestLevels(overScales(values, scales), levels).forEach((code, index) => {
    const unit = scales[Math.floor((index * scales.length) / values.length)] as number;
    shares[code]! += unit * unit;
    total += unit * unit;
  });
  const { grid, meanSquaredError } = projectOntoUniform(levels, shares, bitsFor(levels), true);
  const power = levels.reduce((sum, level, code) => sum + level * level * (shares[code] as number), 0) / total;
  const grids = Array.from(scales, (unit): LinearGrid => ({ ...grid, scale: Math.fround(grid.scale * unit) }));
  const weight = { kind: 'linear', grids } as const;
  return { entry: { ...entry, weight, activation }, error: power > 0 ? meanSquaredError / power : 0 };
}

function projectInput({ layer, activation }: LayerPlan): ActivationPlan {
  if (activation.kind !== 'levels') return activation;
  const { levels } = activation;
  const bits = bitsFor(levels);
  const equal = new Float64Array(levels.length).fill(1);
  const { grid } = projectOntoUniform(levels, equal, bits, layer.inputSigned);
  return { kind: 'linear', bits, signed: layer.inputSigned, clip: clipOf(grid) };
}

const clipOf = ({ scale, highest, binary }: LinearGrid) => (binary ? scale : scale * highest);

const bitsFor = (levels: Float32Array) => Math.round(Math.log2(Math.max(2, levels.length)));
