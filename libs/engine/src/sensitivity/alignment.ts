/**
 * Linear CKA (Kornblith et al., arXiv 1905.00414, equation for a linear kernel) between all pairs of features, from
 * their n x n Gram matrices: `<G_i, G_j> / (|G_i| |G_j|)` of the double-centred matrices. The feature-space form of the
 * same needs d_i x d_j products; this one costs n^2 whatever the width. A feature that never changes is like nothing
 * else. To 32-bit precision, 0..1, symmetric, 1 on the diagonal.
 */
export function alignmentMatrix(grams: readonly Float32Array[], samples: number): number[][] {
  const centred = grams.map((gram) => doubleCentred(gram, samples));
  const norms = centred.map((gram) => Math.sqrt(dot(gram, gram)));
  const matrix = grams.map(() => new Array<number>(grams.length).fill(1));
  for (let i = 0; i < grams.length; i += 1) {
    for (let j = i + 1; j < grams.length; j += 1) {
      const scale = (norms[i] as number) * (norms[j] as number);
      const product = dot(centred[i] as Float64Array, centred[j] as Float64Array);
      const alignment = Math.fround(scale > 0 ? Math.min(1, Math.max(0, product / scale)) : 0);
      (matrix[i] as number[])[j] = alignment;
      (matrix[j] as number[])[i] = alignment;
    }
  }
  return matrix;
}

/** Without its row means and column means; a Gram matrix is symmetric, so both are the same. */
function doubleCentred(gram: Float32Array, samples: number): Float64Array {
  const means = new Float64Array(samples);
  for (let row = 0; row < samples; row += 1) {
    let sum = 0;
    for (let column = 0; column < samples; column += 1) sum += gram[row * samples + column] as number;
    means[row] = sum / samples;
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / samples;
  return Float64Array.from(gram, (value, index) => {
    const [row, column] = [Math.floor(index / samples), index % samples];
    return value - (means[row] as number) - (means[column] as number) + mean;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
