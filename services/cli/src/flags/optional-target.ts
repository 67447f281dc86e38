import { choice, type FlagValues, integer, wrongFlag } from './flag.js';

/** Images in a batch that travels over gRPC. */
export const MOST_BATCH = 65_536;

/** Settings of the one target that a command may be given. */
export const TARGET_SETTINGS = {
  batch: integer("images in one batch on that target (default: the target's own)", 1, MOST_BATCH),
  count: choice("layers that count on that target (default: the target's own)", ['all', 'without-first-and-last']),
} as const;

type TargetFlags = FlagValues<typeof TARGET_SETTINGS> & { readonly hardware?: string | undefined };

/** Throws `invalid_argument` for settings of a target that is not given: they would be ignored. */
export function requireTargetOf(flags: TargetFlags): void {
  for (const flag of ['batch', 'count'] as const)
    if (flags.hardware === undefined && flags[flag] !== undefined)
      throw wrongFlag(flag, 'needs --hardware, the target that it is a setting of');
}
