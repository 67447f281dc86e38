import { metricOf } from '../cost/budget.js';
import { formatConstraint } from '../cost/constraint.js';
import type { PolicyCost } from '../cost/policy-cost.js';
import { BitwrightError } from '../errors.js';
import type { ExportedFile, ExportResult } from '../ports/quantizer.js';
import type { SensitivityReport } from '../ports/sensitivity.js';
import { activeSeconds } from '../search/active-time.js';
import type { PreparedSearch } from '../search/prepare-search.js';
import type { PreparedTarget } from '../search/prepared-target.js';
import { bestByValidation, rankFeasible, strategyBest } from '../search/ranking.js';
import type { HardwareTarget, SearchState, Trial } from '../search/search.js';
import type { SearchRun } from '../search/search-run.js';
import {
  REPORT_SCHEMA,
  type Report,
  type ReportConstraint,
  type ReportEntry,
  type ReportHardware,
  type ReportReference,
  type ReportTrial,
} from './report.js';
import { frontMetricOf, frontTrials } from './report-front.js';
import { reportLayers } from './report-layer.js';
import { eightBitCost } from './report-reference.js';
import { reportSensitivity } from './report-sensitivity.js';

/** What is not among the trials: absent where the search did not get there, or its strategy needs none. */
export type ReportParts = {
  readonly exported: ExportResult | undefined;
  readonly sensitivity: SensitivityReport | undefined;
};

/**
 * The report of what a search has found so far. Throws `failed_precondition` when not one feasible policy was
 * measured: there is nothing to report then.
 */
export function buildReport(run: SearchRun, { exported, sensitivity }: ReportParts, state: SearchState): Report {
  const { search, journal } = run;
  const trials = journal.trials;
  const best = bestByValidation(trials) ?? rankFeasible(trials)[0];
  if (best?.policy === undefined)
    throw new BitwrightError('failed_precondition', 'NOTHING_MEASURED', 'no feasible policy has been measured yet');
  const { policy } = best;
  const own = strategyBest(trials);
  const frontMetric = frontMetricOf(search);
  const tables = search.targets.map(({ table }) => table);
  const explained = reportSensitivity(run, sensitivity);
  return {
    schema: REPORT_SCHEMA,
    searchId: run.record.id,
    state,
    result: entryOf(trials, best),
    policy,
    strategyBest: own === undefined ? null : { ...entryOf(trials, own), strategy: search.spec.strategy.name },
    baselines: trials.filter(({ role }) => role === 'baseline').map((trial) => entryOf(trials, trial)),
    reference: costsOf(eightBitCost(search, trials)),
    constraints: constraintsOf(search, best.cost),
    front: frontTrials(search, trials).map((trial) => ({
      ...entryOf(trials, trial),
      ...validationFigures(undefined, trial),
    })),
    ...(frontMetric !== undefined && { frontMetric }),
    layers: reportLayers(tables, search.layers, policy),
    ...(explained !== undefined && { sensitivity: explained }),
    trials: trials.map(trialOf),
    exported: exported === undefined ? null : exportOf(exported),
    provenance: provenanceOf(run),
  };
}

/** Everything known of a trial's policy: what the search measured, and its test accuracy once it was fine-tuned. */
function entryOf(trials: readonly Trial[], trial: Trial): ReportEntry {
  const searched = trials.find(({ role, policyHash }) => role !== 'finalist' && policyHash === trial.policyHash);
  const final = trials.find(
    ({ role, policyHash, accuracy }) =>
      role === 'finalist' && policyHash === trial.policyHash && accuracy !== undefined,
  );
  return {
    strategy: (searched ?? trial).origin.split('/')[0] ?? trial.origin,
    testAccuracy: final?.accuracy ?? null,
    ...validationFigures(final, searched),
    effectiveBits: trial.cost.effectiveBits,
    feasible: trial.feasible,
    policyHash: trial.policyHash,
    ...costsOf(trial.cost),
  };
}

function costsOf(cost: PolicyCost): ReportReference {
  const { latencyMs = null, energyMj = null, sizeBytes, bops } = cost;
  return { latencyMs, energyMj, sizeBytes, bops, ...targetsOf(cost) };
}

/** On the validation split: both figures after the final fine-tuning where that was measured, else as the search found them. */
function validationFigures(
  final: Trial | undefined,
  searched: Trial | undefined,
): Pick<ReportEntry, 'validationAccuracy' | 'validationCalibratedLoss'> {
  const { validationAccuracy = null, validationCalibratedLoss = null } = final ?? {};
  if (validationAccuracy !== null) return { validationAccuracy, validationCalibratedLoss };
  return {
    validationAccuracy: searched?.accuracy ?? null,
    validationCalibratedLoss: searched?.calibratedLoss ?? null,
  };
}

function constraintsOf({ constraints }: PreparedSearch, cost: PolicyCost): readonly ReportConstraint[] {
  return constraints.map(({ metric, target, limit, reference, smallest, asked }) => ({
    ...{ metric, budget: formatConstraint(asked), limit, reference, smallest },
    reached: metricOf(cost, metric, target) ?? null,
    ...(target !== undefined && { hardware: target }),
  }));
}

function targetsOf({ targets }: PolicyCost): Pick<ReportEntry, 'targets'> {
  if (targets === undefined) return {};
  return {
    targets: targets.map(({ hardware, latencyMs = null, energyMj = null }) => ({ hardware, latencyMs, energyMj })),
  };
}

function trialOf(trial: Trial): ReportTrial {
  const { index, role, origin, split, feasible, seconds, policyHash, cost } = trial;
  return {
    ...{ index, role, origin, split, feasible, seconds, policyHash },
    accuracy: trial.accuracy ?? null,
    calibratedLoss: trial.calibratedLoss ?? null,
    effectiveBits: cost.effectiveBits,
    error: trial.error ?? null,
    ...costsOf(cost),
  };
}

function exportOf(exported: ExportResult): NonNullable<Report['exported']> {
  const { simulatedAccuracy, points, integers } = exported;
  return {
    ...fileOf(exported),
    simulatedTestAccuracy: simulatedAccuracy,
    ...(points && { points }),
    ...(integers && { integers: { ...fileOf(integers), ...(integers.speed && { speed: integers.speed }) } }),
  };
}

const fileOf = ({ onnxDigest, bytes, opset, testAccuracy, parity }: ExportedFile) => ({
  ...{ onnxDigest, bytes, opset, onnxTestAccuracy: testAccuracy, parity },
});

function provenanceOf({ search, ports, journal, startedAt }: SearchRun): Report['provenance'] {
  const { spec, dataset, model, targets } = search;
  const now = ports.clock.now();
  const hardware = targets.map(hardwareOf);
  const isOne = targets.length === 1;
  return {
    version: ports.versions['bitwright'] ?? 'unknown',
    createdAt: new Date(now).toISOString(),
    seconds: activeSeconds(journal.trials, startedAt, now),
    seed: spec.seed,
    spec: {
      ...spec,
      hardware: spec.hardware[0] as HardwareTarget,
      ...(isOne ? {} : { targets: spec.hardware }),
    },
    splits: dataset.samples,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    modelDigest: model.modelDigest,
    preprocess: search.preprocessing,
    hardware: hardware[0] as ReportHardware,
    ...(isOne ? {} : { targets: hardware }),
    versions: ports.versions,
  };
}

function hardwareOf({ capabilities, table }: PreparedTarget): ReportHardware {
  const { name, version, provenance, additive, validation } = capabilities;
  return { name, version, batch: table.batch, provenance, additive, validation };
}
