import type {
  HardwareTarget,
  SearchFailure,
  SearchPhase,
  SearchRecord,
  SearchSpec,
  SearchState,
  Trial,
} from '@bitwright/core';
import type { SqlRow, SqlValue } from './database.js';

/** Columns of `bitwright.searches` in the order of {@link searchValues}. */
export const SEARCH_COLUMNS = 'id, request_id, spec, state, phase, failure, created_at, updated_at';

/** Columns of `bitwright.trials` in the order of {@link trialValues}. */
export const TRIAL_COLUMNS =
  'search_id, trial_index, role, origin, policy_hash, policy, cost, feasible, accuracy, validation_accuracy, calibrated_loss, validation_calibrated_loss, split, samples, seconds, checkpoint_digest, error, finished_at';

export function searchValues(record: SearchRecord): readonly SqlValue[] {
  const { id, requestId, spec, state, phase, failure, createdAt, updatedAt } = record;
  return [id, requestId, JSON.stringify(spec), state, phase, toJson(failure), new Date(createdAt), new Date(updatedAt)];
}

export function toSearchRecord(row: SqlRow): SearchRecord {
  return {
    id: row['id'] as string,
    requestId: row['request_id'] as string,
    spec: toSpec(row['spec']),
    state: row['state'] as SearchState,
    phase: row['phase'] as SearchPhase,
    failure: (row['failure'] ?? undefined) as SearchFailure | undefined,
    createdAt: toMs(row['created_at']),
    updatedAt: toMs(row['updated_at']),
  };
}

export function trialValues(trial: Trial): readonly SqlValue[] {
  return [
    trial.searchId,
    trial.index,
    trial.role,
    trial.origin,
    trial.policyHash,
    toJson(trial.policy),
    JSON.stringify(trial.cost),
    trial.feasible,
    trial.accuracy ?? null,
    trial.validationAccuracy ?? null,
    trial.calibratedLoss ?? null,
    trial.validationCalibratedLoss ?? null,
    trial.split,
    trial.samples,
    trial.seconds,
    trial.checkpointDigest ?? null,
    withoutNul(trial.error) ?? null,
    new Date(trial.finishedAt),
  ];
}

export function toTrial(row: SqlRow): Trial {
  return {
    searchId: row['search_id'] as string,
    index: row['trial_index'] as number,
    role: row['role'] as Trial['role'],
    origin: row['origin'] as string,
    policy: (row['policy'] ?? undefined) as Trial['policy'],
    policyHash: row['policy_hash'] as string,
    cost: toCost(row['cost']),
    feasible: row['feasible'] as boolean,
    accuracy: (row['accuracy'] ?? undefined) as number | undefined,
    validationAccuracy: (row['validation_accuracy'] ?? undefined) as number | undefined,
    calibratedLoss: (row['calibrated_loss'] ?? undefined) as number | undefined,
    validationCalibratedLoss: (row['validation_calibrated_loss'] ?? undefined) as number | undefined,
    split: row['split'] as Trial['split'],
    samples: row['samples'] as number,
    seconds: row['seconds'] as number,
    checkpointDigest: (row['checkpoint_digest'] ?? undefined) as string | undefined,
    error: (row['error'] ?? undefined) as string | undefined,
    finishedAt: toMs(row['finished_at']),
  };
}

/** A JSON column's value; SQL's NULL for undefined. */
export function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

/** A specification as any version stored it: earlier ones had a single hardware target. */
function toSpec(stored: unknown): SearchSpec {
  const spec = stored as Omit<SearchSpec, 'hardware'> & { readonly hardware: HardwareTarget | SearchSpec['hardware'] };
  const { hardware } = spec;
  return { ...spec, hardware: 'name' in hardware ? [hardware] : hardware };
}

/** JSON leaves undefined members out; a cost has them all. */
function toCost(stored: unknown): Trial['cost'] {
  const cost = stored as Trial['cost'];
  const { targets } = cost;
  const whole = { ...cost, latencyMs: cost.latencyMs, energyMj: cost.energyMj };
  if (targets === undefined) return whole;
  return {
    ...whole,
    targets: targets.map(({ hardware, latencyMs, energyMj }) => ({ hardware, latencyMs, energyMj })),
  };
}

/** PostgreSQL's text holds every character but NUL, which a crashed tool may well print. */
function withoutNul(text: string | undefined): string | undefined {
  return text?.replaceAll('\0', '\uFFFD');
}

const toMs = (value: unknown) => (value as Date).getTime();
