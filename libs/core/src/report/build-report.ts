import { formatConstraint, metricOf } from '../cost/budget.js';
import { costCell } from '../cost/cost-table.js';
import { marginalsOf } from '../cost/marginals.js';
import { BitwrightError } from '../errors.js';
import type { Layer } from '../network/layers.js';
import type { LayerPrecision, PrecisionPolicy } from '../policy/policy.js';
import type { ExportResult } from '../ports/quantizer.js';
import { paretoFront } from '../search/pareto-front.js';
import type { PreparedSearch } from '../search/prepare-search.js';
import { bestByValidation, rankFeasible, strategyBest } from '../search/ranking.js';
import type { SearchState, Trial } from '../search/search.js';
import type { SearchRun } from '../search/search-run.js';
import {
  REPORT_SCHEMA,
  type Report,
  type ReportConstraint,
  type ReportEntry,
  type ReportLayer,
  type ReportTrial,
} from './report.js';

/**
 * The report of what a search has found so far. Throws `failed_precondition` when not one feasible policy was
 * measured: there is nothing to report then.
 */
export function buildReport(run: SearchRun, exported: ExportResult | undefined, state: SearchState): Report {
  const { search, journal } = run;
  const trials = journal.trials;
  const best = bestByValidation(trials) ?? rankFeasible(trials)[0];
  if (best?.policy === undefined)
    throw new BitwrightError('failed_precondition', 'NOTHING_MEASURED', 'no feasible policy has been measured yet');
  const own = strategyBest(trials);
  return {
    schema: REPORT_SCHEMA,
    searchId: run.record.id,
    state,
    result: entryOf(trials, best),
    policy: best.policy,
    strategyBest: own === undefined ? null : { ...entryOf(trials, own), strategy: search.spec.strategy.name },
    baselines: trials.filter(({ role }) => role === 'baseline').map((trial) => entryOf(trials, trial)),
    constraints: constraintsOf(search, best.policy),
    front: frontOf(search, trials),
    layers: search.layers.map((layer) => layerOf(search, layer, best.policy as PrecisionPolicy)),
    trials: trials.map(trialOf),
    exported: exported === undefined ? null : exportOf(exported),
    provenance: provenanceOf(run),
  };
}

/** Everything known of a trial's policy: its search accuracy, and its test accuracy once it was fine-tuned. */
function entryOf(trials: readonly Trial[], trial: Trial): ReportEntry {
  const searched = trials.find(({ role, policyHash }) => role !== 'finalist' && policyHash === trial.policyHash);
  const final = trials.find(({ role, policyHash }) => role === 'finalist' && policyHash === trial.policyHash);
  const { cost } = trial;
  return {
    strategy: (searched ?? trial).origin.split('/')[0] ?? trial.origin,
    testAccuracy: final?.accuracy ?? null,
    validationAccuracy: final?.validationAccuracy ?? searched?.accuracy ?? null,
    latencyMs: cost.latencyMs ?? null,
    energyMj: cost.energyMj ?? null,
    sizeBytes: cost.sizeBytes,
    effectiveBits: cost.effectiveBits,
    feasible: trial.feasible,
    policyHash: trial.policyHash,
  };
}

/** Accuracy as the search measured it against the first constraint's metric (size without one), ascending cost. */
function frontOf(search: PreparedSearch, trials: readonly Trial[]): readonly ReportEntry[] {
  const metric = search.constraints[0]?.metric ?? 'size';
  const measured = trials.filter(
    ({ role, policy, accuracy }) => role !== 'finalist' && policy !== undefined && accuracy !== undefined,
  );
  const front = paretoFront(measured, ({ accuracy, cost }) => ({
    value: accuracy ?? 0,
    cost: metricOf(cost, metric) ?? Number.POSITIVE_INFINITY,
  }));
  return front.map((trial) => ({ ...entryOf(trials, trial), validationAccuracy: trial.accuracy ?? null }));
}

function constraintsOf(search: PreparedSearch, policy: PrecisionPolicy): readonly ReportConstraint[] {
  const cost = search.cost(policy);
  return search.constraints.map(({ metric, limit, reference, smallest }, index) => {
    const asked = search.spec.budget[index];
    const budget = asked === undefined ? '' : formatConstraint(asked);
    return { metric, budget, limit, reference, smallest, reached: metricOf(cost, metric) ?? null };
  });
}

function layerOf(search: PreparedSearch, layer: Layer, policy: PrecisionPolicy): ReportLayer {
  const { weightBits, activationBits } = policy.layers[layer.index] as LayerPrecision;
  const cell = cellOf(search, layer, weightBits, activationBits);
  const { index, name, kind, weights, macs } = layer;
  const marginals = cell && marginalsOf(search.table, index, weightBits, activationBits);
  return {
    ...{ index, name, kind, weights, macs, weightBits, activationBits },
    executedWeightBits: cell?.executedWeightBits ?? weightBits,
    executedActivationBits: cell?.executedActivationBits ?? activationBits,
    sizeBytes: (weights * weightBits) / 8,
    counted: search.table.counted[index] === true,
    latencyMs: cell?.latencyMs ?? null,
    latencyMsAt8Bits: cellOf(search, layer, 8, 8)?.latencyMs ?? null,
    energyMj: cell?.energyMj ?? null,
    trafficBytes: cell?.trafficBytes ?? null,
    bound: cell?.bound ?? null,
    latencyMsPerWeightBit: marginals?.perWeightBit?.latencyMs ?? null,
    latencyMsPerActivationBit: marginals?.perActivationBit?.latencyMs ?? null,
    energyMjPerWeightBit: marginals?.perWeightBit?.energyMj ?? null,
    energyMjPerActivationBit: marginals?.perActivationBit?.energyMj ?? null,
    interpolated: cell?.interpolated === true,
  };
}

function cellOf({ table }: PreparedSearch, layer: Layer, weightBits: number, activationBits: number) {
  const priced = table.weightBits.includes(weightBits) && table.activationBits.includes(activationBits);
  return priced ? costCell(table, layer.index, weightBits, activationBits) : undefined;
}

function trialOf(trial: Trial): ReportTrial {
  const { index, role, origin, split, feasible, seconds, policyHash, cost } = trial;
  return {
    ...{ index, role, origin, split, feasible, seconds, policyHash },
    accuracy: trial.accuracy ?? null,
    latencyMs: cost.latencyMs ?? null,
    energyMj: cost.energyMj ?? null,
    sizeBytes: cost.sizeBytes,
    effectiveBits: cost.effectiveBits,
    error: trial.error ?? null,
  };
}

function exportOf(exported: ExportResult): NonNullable<Report['exported']> {
  const { onnxDigest, bytes, opset, testAccuracy, simulatedAccuracy, parity } = exported;
  return { onnxDigest, bytes, opset, onnxTestAccuracy: testAccuracy, simulatedTestAccuracy: simulatedAccuracy, parity };
}

function provenanceOf({ search, record, ports }: SearchRun): Report['provenance'] {
  const { spec, dataset, model, capabilities, table } = search;
  const now = ports.clock.now();
  return {
    version: ports.versions['bitwright'] ?? 'unknown',
    createdAt: new Date(now).toISOString(),
    seconds: (now - record.createdAt) / 1000,
    seed: spec.seed,
    spec,
    splits: dataset.samples,
    dataset: dataset.name,
    dataDigest: dataset.digest,
    modelDigest: model.modelDigest,
    preprocess: search.preprocessing,
    hardware: {
      name: capabilities.name,
      version: capabilities.version,
      batch: table.batch,
      provenance: capabilities.provenance,
    },
    versions: ports.versions,
  };
}
