import { blockSums, effectiveLevels, type LearnedLevels, openBits } from './learned-levels.js';
import { nearestLevels } from './nearest-level.js';

/** Gradients of a loss with respect to what was quantized, and to what was learned. */
export type LevelGradients = {
  readonly values: Float32Array;
  readonly levels: Float32Array;
  readonly scores: Float32Array;
};

/**
 * The backward pass of DDQ for ∂L/∂x_q = `upstream`:
 * ∂L/∂x passes where x lies between the outermost effective levels;
 * ∂L/∂q = U Σ (∂L/∂x_q + α (x_q - x)) x_o / Z, with the gradient correction α;
 * ∂L/∂ĝ_i is that of gate i's own detail (see {@link detailGradients}) where the gates before it are open, through
 * H' = 1 for |ĝ| <= 1.
 */
export function levelGradients(
  values: Float32Array,
  { levels, scores }: LearnedLevels,
  upstream: Float32Array,
  correction: number,
): LevelGradients {
  const bits = openBits(scores);
  const effective = effectiveLevels(levels, bits);
  const codes = nearestLevels(values, effective);
  const toLevels = new Float64Array(effective.length);
  const toEffective = new Float64Array(effective.length);
  const toValues = new Float32Array(values.length);
  const [lowest, highest] = [effective[0] as number, effective.at(-1) as number];
  codes.forEach((code, index) => {
    const [value, gradient] = [values[index] as number, upstream[index] as number];
    toEffective[code]! += gradient;
    toLevels[code]! += gradient + correction * ((effective[code] as number) - value);
    toValues[index] = value >= lowest && value <= highest ? gradient : 0;
  });
  const block = levels.length / effective.length;
  const toScores = detailGradients(levels, toEffective).map((gradient, gate) => {
    const reached = gate <= bits && Math.abs(scores[gate] as number) <= 1;
    return reached ? gradient : 0;
  });
  return {
    values: toValues,
    levels: levels.map((_, at) => (toLevels[Math.floor(at / block)] as number) / block),
    scores: toScores,
  };
}

/**
 * ∂L/∂g_i for each gate, from the gradient of 2^s effective levels. With prefix gates ℓ = A_0 q + Σ g_i (A_i - A_(i-1)) q,
 * where A_i averages blocks of 2^(B-i): gate i adds the i-th detail, the difference that halving the blocks makes.
 */
export function detailGradients(levels: Float32Array, toEffective: ArrayLike<number>): Float32Array {
  const maximumBits = Math.log2(levels.length);
  const spread = levels.length / toEffective.length;
  const perLevel = Float64Array.from(levels, (_, at) => (toEffective[Math.floor(at / spread)] as number) / spread);
  return Float32Array.from({ length: maximumBits }, (_, gate) => {
    const mass = blockSums(perLevel, levels.length / 2 ** (gate + 1));
    return detailsOf(levels, gate + 1).reduce((sum, detail, block) => sum + detail * (mass[block] as number), 0);
  });
}

/** By how much the blocks of `bits` bits differ from the blocks of one bit less that they are in. */
export function detailsOf(levels: Float32Array, bits: number): Float32Array {
  const coarse = effectiveLevels(levels, bits - 1);
  return effectiveLevels(levels, bits).map((level, block) => level - (coarse[block >> 1] as number));
}
