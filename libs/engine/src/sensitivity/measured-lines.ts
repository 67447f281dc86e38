/** Figures that were measured before, by what they are of. */
export type KnownFigures = ReadonlyMap<string, readonly number[]>;

/** One measurement as a line of text: what it is of, and its figures, of which any may be infinite or no number. */
export function measuredLine(key: string, figures: Iterable<number>): string {
  return [key, ...figures].join(' ');
}

/** Reverses {@link measuredLine}, figure by figure; of two lines of one key the last counts. */
export function readMeasured(lines: readonly string[] = []): KnownFigures {
  return new Map(
    lines.map((line) => {
      const [key = '', ...figures] = line.split(' ');
      return [key, figures.map(Number)];
    }),
  );
}
