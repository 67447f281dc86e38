/** What OMPQ makes of the orthogonality of layers (Ma et al., AAAI 2023, arXiv 2109.07865). One entry a layer. */
export type LayerImportance = {
  /** γ: how much a layer's output repeats those of all others, 0 to layers - 1. */
  readonly gamma: readonly number[];
  /** θ = exp(-β (γ - min γ)), 0..1: the same optimum as exp(-β γ), and nothing underflows. */
  readonly theta: readonly number[];
  /**
   * c: mean of θ from this layer to the last, because a layer's output passes through all that follow. At least
   * {@link LEAST} of the largest: of two layers that both count for next to nothing, each still wants its bits.
   */
  readonly importance: readonly number[];
};

/** As a part of the largest importance. A program's solver does not tell values apart that differ by 12 digits. */
const LEAST = 1e-6;

/** Importance below this spread, relative to its mean, no longer tells layers apart. */
const FLAT = 1e-3;

/** From the matrix K of linear CKA between the layers' outputs: γ_i is the sum of row i without the diagonal. */
export function layerImportance(matrix: readonly (readonly number[])[], beta: number): LayerImportance {
  const gamma = matrix.map((row, i) => row.reduce((sum, value, j) => (i === j ? sum : sum + value), 0));
  const least = gamma.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const theta = gamma.map((value) => Math.exp(-beta * (value - least)));
  const means = tailMeans(theta);
  const largest = means.reduce((most, value) => Math.max(most, value), 0);
  return { gamma, theta, importance: means.map((value) => Math.max(value, LEAST * largest)) };
}

/** Why an importance decides nothing: then a policy follows from the sizes of the layers alone. Undefined where it does. */
export function flatnessWarning({ importance }: LayerImportance, beta: number): string | undefined {
  const mean = importance.reduce((sum, value) => sum + value, 0) / Math.max(1, importance.length);
  const spread = importance.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0);
  if (spread > FLAT * mean) return undefined;
  return `with beta ${beta} all layers are of the same importance to ${FLAT * 100} %: the policy follows from their sizes alone; raise beta`;
}

function tailMeans(values: readonly number[]): number[] {
  let sum = 0;
  return values
    .toReversed()
    .map((value, index) => {
      sum += value;
      return sum / (index + 1);
    })
    .toReversed();
}
