/** How many ascending values lie below `bound`: binary search between the positions `start` and `end`. */
export function countBelow(ascending: ArrayLike<number>, bound: number, start = 0, end = ascending.length): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
