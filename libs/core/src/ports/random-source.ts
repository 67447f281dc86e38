/** Seeded randomness: the same seed gives the same numbers everywhere. */
export interface RandomSource {
  /** In [0, 1), 53 bits. */
  uniform(): number;
  /** An integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** What `createRandomSource` needs to go on from here. */
  state(): readonly number[];
}
