/** The sum of products of two vectors. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

/** What is left of a vector without factor x vector of each. */
export function without(
  from: ArrayLike<number>,
  vectors: readonly ArrayLike<number>[],
  factors: ArrayLike<number>,
): Float64Array {
  const left = Float64Array.from(from);
  vectors.forEach((vector, index) => {
    addScaled(left, vector, -(factors[index] as number));
  });
  return left;
}

/** Adds a multiple of a vector to another. */
export function addScaled(to: Float64Array, vector: ArrayLike<number>, factor: number): void {
  for (let index = 0; index < to.length; index += 1)
    to[index] = (to[index] as number) + factor * (vector[index] as number);
}
