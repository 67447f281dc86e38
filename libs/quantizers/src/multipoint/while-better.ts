/** What is made better, and what it still leaves. */
type Candidate = { readonly error: number };

/**
 * Goes from one candidate to the next as long as its error falls, at most `rounds` times; one that takes no more than the
 * share `leastGain` of the error is the last. What is not finite is not better.
 */
export function whileBetter<T extends Candidate>(
  start: T,
  next: (best: T) => T,
  { rounds, leastGain }: { readonly rounds: number; readonly leastGain: number },
): T {
  let best = start;
  for (let round = 0; round < rounds; round += 1) {
    const candidate = next(best);
    if (!(candidate.error < best.error)) break;
    const isLast = candidate.error > (1 - leastGain) * best.error;
    best = candidate;
    if (isLast) break;
  }
  return best;
}
