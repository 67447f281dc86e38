/** What a table may hold at most; what is beyond is refused before it is worked on. */
export const TABLE_LIMITS = {
  /** Bytes of a file: 32 MiB. A network of 53 layers at 64 pairs of bits takes 0.6 MB as JSON. */
  fileBytes: 33_554_432,
  /** As many layers as one network may have, at all pairs of bits. */
  layers: 2_000,
  cells: 128_000,
  /** Height, width, channels, kernel, stride, groups. */
  dimension: 1_000_000,
  /** Images in one batch. */
  batch: 65_536,
  /** Milliseconds, millijoules, bytes. */
  amount: 1e18,
  /** Characters of a name and of a text. */
  name: 256,
  text: 4_096,
  /** Entries of the device record. */
  deviceEntries: 32,
  /** Comparisons with whole networks that a table keeps; of more, the newest. */
  comparisons: 16,
  /** Problems that one refusal names. */
  problems: 20,
} as const;
