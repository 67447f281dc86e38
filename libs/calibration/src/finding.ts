import type { PhysicalConstant } from '@bitwright/accelerators';

/** Why measurements do not tell a constant. */
export type Obscurity = 'no-influence' | 'lost-in-scatter' | 'only-together';

/**
 * What became of a constant. `fitted`: the measurements tell it, with this interval. `bounded`: they exclude what the
 * profile said, but tell no more than the interval, whose end may be that of the plausible range. `kept`: they do not
 * tell it, and it keeps the profile's value; `reason` and `partners` say why.
 */
export type Finding = {
  readonly constant: PhysicalConstant;
  readonly value: number;
  readonly status: 'fitted' | 'bounded' | 'kept';
  /** Ends of the 95 % interval; absent for what is kept, and where there is no such end. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reason?: Obscurity | undefined;
  /** Names of the constants that show in the measurements only together with it. */
  readonly partners: readonly string[];
};

/** A constant that is left as the profile has it. */
export function kept(constant: PhysicalConstant, reason: Obscurity, partners: readonly string[]): Finding {
  return { constant, value: constant.value, status: 'kept', reason, partners };
}
