/** Logits of some samples, row by row. */
export type Logits = { readonly values: Float32Array; readonly classes: number };

/** Sums over samples: of the cross entropy against labels, and of the divergence from other outputs, nats. */
export type OutputChange = { readonly loss: number; readonly divergence: number };

/**
 * How outputs compare with the labels and with reference outputs p: the sum of `-log q(label)` and of
 * `KL(p || q) = sum p (log p - log q)`. Not finite where the outputs are not.
 */
export function outputChange(logits: Logits, reference: Logits, labels: Int32Array): OutputChange {
  const { classes } = logits;
  let loss = 0;
  let divergence = 0;
  for (let sample = 0; sample < labels.length; sample += 1) {
    const logQ = logSoftmax(logits, sample);
    const logP = logSoftmax(reference, sample);
    loss -= logQ[labels[sample] as number] as number;
    for (let index = 0; index < classes; index += 1) {
      divergence += Math.exp(logP[index] as number) * ((logP[index] as number) - (logQ[index] as number));
    }
  }
  return { loss, divergence };
}

function logSoftmax({ values, classes }: Logits, sample: number): Float64Array {
  const row = Float64Array.from(values.subarray(sample * classes, (sample + 1) * classes));
  const largest = row.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
  return row.map((value) => value - largest - Math.log(sum));
}
