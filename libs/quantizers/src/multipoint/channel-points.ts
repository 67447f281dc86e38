/** Points that stand for a channel together: the sum of coefficient x codes. */
export type PointSum = { readonly codes: readonly Int8Array[]; readonly coefficients: Float32Array };

/** A channel as one point, as two, …: `[n - 1]` is what was found with n of them. */
export type ChannelPoints = readonly PointSum[];

/** What the points leave of a channel. */
export function residualOf(channel: Float32Array, { codes, coefficients }: PointSum): Float64Array {
  const left = Float64Array.from(channel);
  codes.forEach((row, point) => {
    const coefficient = coefficients[point] as number;
    for (let index = 0; index < left.length; index += 1)
      left[index] = (left[index] as number) - coefficient * (row[index] as number);
  });
  return left;
}
