import type { PhysicalConstant, TunableProfile } from '@bitwright/accelerators';
import { type BitwrightError, type FieldViolation, invalidField, invalidFields } from '@bitwright/core';
import type { LookupTable } from '@bitwright/cost-tables';
import { countShapes, METRICS, type Metric, type Observations, readObservations } from './observations.js';

/** One figure with what it is fitted to. */
export type PlannedFit = Observations & { readonly metric: Metric; readonly free: readonly PhysicalConstant[] };

/** Fewer layer shapes than this leave nothing to hold out. */
const FEWEST_SHAPES = 3;

/**
 * The fits that a table allows: latency always, energy where it is measured and constants of it are wanted. Throws
 * `invalid_argument` when the profile lacks a constant or the measurements do not suffice.
 */
export function planFits(
  profile: TunableProfile,
  table: LookupTable,
  wanted: readonly string[] | undefined,
): readonly PlannedFit[] {
  const chosen = chooseConstants(profile, wanted);
  const knowsEnergy = table.layers.some(({ cells }) => cells.some(({ energyMj }) => energyMj !== undefined));
  const fits = METRICS.flatMap((metric) => {
    const free = chosen.filter(({ explains }) => explains === metric);
    if (free.length === 0 || (metric === 'energy' && !knowsEnergy)) return [];
    return [{ metric, free, ...readObservations(table, profile, metric) }];
  });
  if (fits.length === 0)
    throw invalidField('fit', 'names constants of energy alone, and no cost has an energy', 'CALIBRATION');
  const problems = fits.flatMap(problemsOf);
  if (problems.length > 0) throw invalidFields(problems, 'CALIBRATION');
  return fits;
}

function chooseConstants(
  { constants }: TunableProfile,
  wanted: readonly string[] | undefined,
): readonly PhysicalConstant[] {
  if (wanted === undefined) return constants;
  const isMeant = ({ name, field }: PhysicalConstant) => wanted.includes(name) || wanted.includes(field);
  const unknown = wanted.filter((word) => !constants.some(({ name, field }) => name === word || field === word));
  if (unknown.length === 0) return constants.filter(isMeant);
  throw unknownConstants(unknown, constants);
}

function unknownConstants(unknown: readonly string[], constants: readonly PhysicalConstant[]): BitwrightError {
  const known = [...new Set(constants.flatMap(({ field, name }) => [field, name]))].join(', ');
  const description = `has no constant ${unknown.map((word) => `"${word}"`).join(', ')}; there are ${known}`;
  return invalidField('fit', description, 'CALIBRATION');
}

function problemsOf({ metric, observations, leftOut }: PlannedFit): readonly FieldViolation[] {
  const shapes = countShapes(observations);
  if (shapes >= FEWEST_SHAPES) return [];
  const reasons = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  const rest = reasons.length === 0 ? '' : `; of the others ${reasons.join(', ')}`;
  const description = `have ${metric} of ${shapes} layer shapes that the profile can be compared with; at least ${FEWEST_SHAPES} are needed, to hold some out${rest}`;
  return [{ field: 'measurements', description }];
}
