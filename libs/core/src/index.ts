export {
  COMPARISON_SCHEMA,
  type ComparedControl,
  type ComparedRun,
  type ComparedStrategy,
  compareStrategies,
  type FrontPoint,
  type StrategyComparison,
  type StrategyRun,
  VOLUME_DEPTH,
} from './comparison/compare-strategies.js';
export { type Spread, spreadOf } from './comparison/spread.js';
export {
  type BudgetCosts,
  fitsBudget,
  metricOf,
  type ResolvedConstraint,
  resolveBudget,
  shareOf,
  type TargetMetric,
  unreachableText,
} from './cost/budget.js';
export {
  type ComparisonOptions,
  compareHardware,
  type HardwareComparison,
  type LayerComparison,
  sharedBits,
} from './cost/compare-hardware.js';
export {
  type Constraint,
  formatConstraint,
  type HardwareMetric,
  isHardwareMetric,
  type Limit,
  METRICS,
  type Metric,
  parseConstraint,
} from './cost/constraint.js';
export {
  type Bound,
  type CostTable,
  costCell,
  hasCell,
  type LayerCost,
  type LayerFailure,
  type Provenance,
} from './cost/cost-table.js';
export { explainOnTarget, type LayerStanding, type PolicyExplanation } from './cost/layer-standing.js';
export { type LayerMarginals, marginalsOf, type Saving } from './cost/marginals.js';
export {
  costOfPolicy,
  createPolicyPricer,
  createTargetsPricer,
  type PolicyCost,
  type PolicyPricer,
  type TargetCost,
} from './cost/policy-cost.js';
export { rankCorrelation } from './cost/rank-correlation.js';
export { sha256Hex } from './digest.js';
export type { HardwareAnnouncement } from './discovery/announcement.js';
export { HardwareDirectory, type Heard } from './discovery/hardware-directory.js';
export {
  BitwrightError,
  type BitwrightErrorOptions,
  cancelledError,
  type ErrorKind,
  type FieldViolation,
  invalidField,
  invalidFields,
  isWorkerDeath,
  toBitwrightError,
} from './errors.js';
export { chainOf, type DataFlow, dataFlowOf, type Join, NETWORK_INPUT } from './network/data-flow.js';
export { deriveLayers, type Layer, type LayerKind, signedTensors } from './network/layers.js';
export { modelDigest, networkDigest } from './network/model-digest.js';
export type * from './network/network.js';
export { outputShape } from './network/output-shape.js';
export { pairsOf } from './policy/kernel-pairs.js';
export { formatPointAllocation, parsePointAllocation } from './policy/point-allocation-text.js';
export {
  allocationProblems,
  DEFAULT_POINTS,
  furtherPointBits,
  hasPoints,
  layerHasPoints,
  layerSizeBits,
  MOST_POINTS,
  POINT_RULES,
  type PointAllocation,
  type PointFigures,
  pointFigures,
  pointSizeBits,
  pointsPerChannel,
  withoutLayerPoints,
} from './policy/points.js';
export {
  assertPolicyFits,
  canonicalPolicy,
  DEFAULT_SCHEME,
  FLOAT_BITS,
  type Granularity,
  type LayerPrecision,
  type PrecisionPolicy,
  policyHash,
  type QuantizationScheme,
  schemeOf,
  uniformPolicy,
  type WeightQuantizer,
} from './policy/policy.js';
export {
  createPrecisionSpace,
  isInSpace,
  isPinned,
  type LayerChoices,
  nearestChoice,
  type PinRule,
  type PrecisionSpace,
  type PrecisionSpaceOptions,
  type PrecisionWidths,
  pinnedUniformPolicy,
  smallestPolicy,
  uniformInSpace,
  widerChoice,
  widerPrecision,
} from './policy/precision-space.js';
export type * from './ports/artifact-keeper.js';
export type * from './ports/artifact-store.js';
export type { Clock } from './ports/clock.js';
export {
  type BitwrightEvent,
  EVENT_KINDS,
  type EventBus,
  type EventFilter,
  type EventKind,
} from './ports/event-bus.js';
export { type EventOutbox, MAXIMUM_STORED_EVENTS, TERMINAL_EVENTS } from './ports/event-outbox.js';
export type * from './ports/hardware.js';
export type * from './ports/hardware-survey.js';
export type * from './ports/integer-realization.js';
export {
  DEFAULT_LEARNING_RATES,
  type LearnedLayer,
  type LearningRates,
  type LearnPrecisionRequest,
  type LearnPrecisionResult,
  type PrecisionBudget,
  type PrecisionLimit,
} from './ports/precision-learning.js';
export type * from './ports/quantizer.js';
export type * from './ports/random-source.js';
export type * from './ports/search-store.js';
export type * from './ports/search-strategy.js';
export {
  type IncreaseMeasure,
  type IncreaseTable,
  type LayerIncreases,
  SENSITIVITY_MEASURES,
  type SensitivityMeasure,
  type SensitivityReport,
  type SensitivityRequest,
} from './ports/sensitivity.js';
export { createRandomSource, deriveSeed, permutation } from './random.js';
export { type FrontMetric, frontMetric, searchedTrials } from './report/front-metric.js';
export * from './report/report.js';
export { roundHalfToEven } from './rounding.js';
export {
  completeSearchSpec,
  DEFAULT_FINAL_FIDELITY,
  DEFAULT_TRIAL_FIDELITY,
  type PartialSearchSpec,
} from './search/default-spec.js';
export { requireFittingImages } from './search/fitting-data.js';
export { mapConcurrent } from './search/map-concurrent.js';
export { hypervolume, paretoFront, type Scored } from './search/pareto-front.js';
export { type AnswerLimit, type PolicyAnswer, toPolicyAnswer } from './search/policy-answer.js';
export { type PreparedSearch, prepareSearch } from './search/prepare-search.js';
export { type ResolvedPolicy, resolvePolicy } from './search/resolve-policy.js';
export type * from './search/search.js';
export { SearchManager, type SearchManagerOptions } from './search/search-manager.js';
export type { SearchPorts } from './search/search-ports.js';
export { strategyNamed } from './search/strategy-named.js';
export { type SweepPorts, sweepArtifacts } from './search/sweep-artifacts.js';
export { untilAborted } from './search/until-aborted.js';
export { SPEC_LIMITS, validateSearchSpec } from './search/validate-spec.js';
export { interquartileRange, medianOf } from './statistics.js';
export { VERSION } from './version.js';
