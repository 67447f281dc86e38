/** A point to compare: a higher value and a lower cost are better. */
export type Scored = { readonly value: number; readonly cost: number };

/** The points that no other beats in both value and cost, by ascending cost; of equal points the first stays. */
export function paretoFront<T>(items: readonly T[], score: (item: T) => Scored): readonly T[] {
  const scored = items.map((item) => ({ item, ...score(item) }));
  scored.sort((a, b) => a.cost - b.cost || b.value - a.value);
  const front: typeof scored = [];
  for (const candidate of scored) {
    const best = front.at(-1);
    if (best === undefined || candidate.value > best.value) front.push(candidate);
  }
  return front.map(({ item }) => item);
}

/** Area dominated by the points, up to `reference` (a cost no point should exceed and a value none should undercut). */
export function hypervolume(points: readonly Scored[], reference: Scored): number {
  const front = paretoFront(points, (point) => point).filter(
    ({ value, cost }) => value > reference.value && cost < reference.cost,
  );
  return front.reduce((area, { value, cost }, index) => {
    const nextCost = front[index + 1]?.cost ?? reference.cost;
    return area + (value - reference.value) * (nextCost - cost);
  }, 0);
}
