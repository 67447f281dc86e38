/**
 * Housekeeping of an artifact store, for the agent that owns it. Times are in milliseconds since the epoch. What was put,
 * again or for the first time, is as new as that: whoever refers to it soon finds it there.
 */
export interface ArtifactKeeper {
  /**
   * Whether this owner alone has ever used the store. Where another one has, nobody knows all that is referred to, and
   * nothing may be removed.
   */
  claim(ownerId: string): Promise<boolean>;
  /** As if it were put now; tells whether it is there. */
  touch(digest: string): Promise<boolean>;
  /** Digests of all that was put before `time`, and not since. */
  putBefore(time: number): Promise<readonly string[]>;
  /** Removes an artifact unless it was put at `time` or later; tells whether it did. */
  removePutBefore(digest: string, time: number): Promise<boolean>;
}
