/** A channel that asks for points: its error with 1, 2, … of them, and what each further one costs. */
export type PointDemand = {
  readonly errors: ArrayLike<number>;
  /** Bits of one point. */
  readonly cost: number;
};

/** The fewest points of each channel with an error of at most `limit`, or all that it may have. */
export function pointsByThreshold(demands: readonly PointDemand[], limit: number): Uint8Array {
  return Uint8Array.from(demands, ({ errors }) => {
    const enough = Array.from(errors).findIndex((error) => error <= limit);
    return enough < 0 ? errors.length : enough + 1;
  });
}

type Step = { readonly channel: number; readonly points: number; readonly gain: number };

/**
 * One point for each channel, then one more at a time where it removes the most error per bit, until the further points
 * have spent `budget` bits; none that removes nothing.
 */
export function pointsWithinBudget(demands: readonly PointDemand[], budget: number): Uint8Array {
  return spend(demands, budget, ({ gain }) => gain > 0);
}

/** `total` points for the channels of one layer, at least one for each, where they remove the most error. */
export function pointsOfTotal(demands: readonly PointDemand[], total: number): Uint8Array {
  const alike = demands.map(({ errors }) => ({ errors, cost: 1 }));
  return spend(alike, total - demands.length, () => true);
}

function spend(demands: readonly PointDemand[], budget: number, isWanted: (step: Step) => boolean): Uint8Array {
  const counts = new Uint8Array(demands.length).fill(1);
  const steps = demands
    .flatMap(stepsOf)
    .filter(isWanted)
    .sort((a, b) => b.gain - a.gain || a.points - b.points || a.channel - b.channel);
  let left = budget;
  for (const { channel, points } of steps) {
    const { cost } = demands[channel] as PointDemand;
    if (cost > left || counts[channel] !== points - 1) continue;
    counts[channel] = points;
    left -= cost;
  }
  return counts;
}

/** The gains of a channel's further points. Points that help most together count as helping alike, so gains never grow. */
function stepsOf({ errors, cost }: PointDemand, channel: number): readonly Step[] {
  const steps: Step[] = [];
  for (let had = 1; had < errors.length; ) {
    const start = errors[had - 1] as number;
    let best = { points: had + 1, gain: Number.NEGATIVE_INFINITY };
    for (let points = had + 1; points <= errors.length; points += 1) {
      const gain = (start - (errors[points - 1] as number)) / ((points - had) * cost);
      if (gain > best.gain) best = { points, gain };
    }
    for (let points = had + 1; points <= best.points; points += 1) steps.push({ channel, points, gain: best.gain });
    had = best.points;
  }
  return steps;
}
