/** Softmax temperatures at which the loss is summed, each 1.12 times the one before: 1/8 to 8. */
const TEMPERATURES = Float64Array.from({ length: 37 }, (_, index) => 2 ** ((index - 18) / 6));

/** Sums cross entropies at several temperatures; see {@link createCalibratedLoss}. */
export interface CalibratedLoss {
  /** Takes in logits `[N, classes]` and the classes of these N samples. */
  add(logits: Float32Array, labels: ArrayLike<number>): void;
  /** The mean cross entropy at the best temperature, nats; NaN without samples and for logits that are not finite. */
  value(): number;
}

/**
 * The mean cross entropy at the softmax temperature that makes it least (Guo et al. 2017, arXiv 1706.04599, section 4.2):
 * how good a network's outputs are, apart from how confident they are. Accuracies of a few thousand samples tell two similar
 * policies apart less well, and the plain loss praises the one that fine-tuning made more confident.
 */
export function createCalibratedLoss(): CalibratedLoss {
  const sums = new Float64Array(TEMPERATURES.length);
  let count = 0;
  return {
    add: (logits, labels) => {
      const classes = logits.length / labels.length;
      for (let sample = 0; sample < labels.length; sample += 1) {
        addSample(sums, logits.subarray(sample * classes, (sample + 1) * classes), labels[sample] as number);
      }
      count += labels.length;
    },
    value: () => leastBetween(sums.map((sum) => sum / count)),
  };
}

/** log Σ exp(z / T) - z_label / T, with z relative to the largest. */
function addSample(sums: Float64Array, logits: Float32Array, label: number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) largest = Math.max(largest, logit);
  TEMPERATURES.forEach((temperature, index) => {
    let total = 0;
    for (const logit of logits) total += Math.exp((logit - largest) / temperature);
    const named = ((logits[label] as number) - largest) / temperature;
    sums[index] = (sums[index] as number) + Math.log(total) - named;
  });
}

/** The least of the parabola through the least value and its neighbours; at an end, the value there. */
function leastBetween(values: Float64Array): number {
  const least = Math.min(...values);
  const index = values.indexOf(least);
  const [before, after] = [values[index - 1], values[index + 1]];
  if (before === undefined || after === undefined) return least;
  const curvature = before - 2 * least + after;
  return curvature > 0 ? Math.max(0, least - (before - after) ** 2 / (8 * curvature)) : least;
}
