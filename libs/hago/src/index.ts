export {
  bitsOf,
  type CodeRange,
  codesOfBits,
  type ElementType,
  type IntegerType,
  typeRange,
  wrapAround,
} from './element-type.js';
export { type ChannelMaximums, fitAccumulators } from './graph/fit-accumulators.js';
export { layerPrecisions } from './graph/layer-precisions.js';
export { type BitVariable, type EdgeBits, FEWEST_BITS, highestBits, searchSpace } from './graph/search-space.js';
export { analyseTopology, type Edge, type Topology } from './graph/topology.js';
export { parseHardwareSpecification } from './hardware/parse-specification.js';
export { findHardwarePreset, HARDWARE_PRESETS } from './hardware/presets.js';
export type { HardwareSpecification, Operator, OperatorDescriptor, Requantization } from './hardware/specification.js';
export {
  type Conversion,
  type IntegerFormat,
  type IntegerGraph,
  type IntegerInput,
  type IntegerKernel,
  type IntegerNode,
  type IntegerParameters,
  type KernelRequantization,
  type TensorFormat,
  zeroPointOf,
} from './integer-graph.js';
export { lowerToIntegers } from './lowering/lower.js';
export type { Thresholds, WeightScales } from './lowering/lowering-context.js';
export { latencyTerm } from './search/latency-term.js';
export { type LatencyTerm, OBJECTIVES, type ObjectiveKind, outputDivergence, scoreOf } from './search/objective.js';
export { BIT_SEARCHES, type BitSearchName, createBitSearch } from './search/registry.js';
export { type BitMeasure, type BitSearch, isBetter, type ScoredBits, totalBits } from './search/trial.js';
export { type SimulatedQuantization, simulatedQuantize } from './simulated-quantize.js';
export {
  assertStrategyFits,
  type EdgeStrategy,
  formatStrategyRecord,
  parseStrategyLog,
  type StrategyRecord,
} from './strategy-log.js';
export { estimateThresholds } from './thresholds/estimate.js';
export {
  addMagnitudes,
  MAGNITUDE_BINS,
  type MagnitudeHistogram,
  raiseMaximums,
  rangeOf,
  type TensorStatistics,
} from './thresholds/tensor-statistics.js';
export { parseThresholdMethod, type ThresholdMethod } from './thresholds/threshold-method.js';
