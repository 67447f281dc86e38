export { channelValues } from './channels.js';
export {
  CLIP_METHODS,
  type ClipMethod,
  type ClipRule,
  type ClipTarget,
  DEFAULT_PERCENTILE,
} from './clipping/clip-rule.js';
export { haqActivationRange } from './clipping/haq-activation-range.js';
export { CLIP_RULES } from './clipping/registry.js';
export { clipThreshold, clipThresholdOfHistogram, clipThresholdsPerChannel } from './clipping/threshold.js';
export {
  addToHistogram,
  createHistogram,
  type Histogram,
  histogramOf,
  mergeHistograms,
} from './histogram/histogram.js';
export { quantilesOf } from './histogram/quantiles.js';
export { assignToNearest } from './k-means/assignment.js';
export {
  type Codebook,
  FINAL_ITERATIONS,
  fitCodebook,
  reconstruct,
  SEARCH_ITERATIONS,
} from './k-means/codebook.js';
export { projectOntoClusters } from './k-means/projection.js';
export { channelScales, overScales, timesScales } from './learned-levels/channel-scales.js';
export { fitLevels } from './learned-levels/fit-levels.js';
export { effectiveLevels, type LearnedLevels, openBits } from './learned-levels/learned-levels.js';
export { levelGradients } from './learned-levels/level-gradients.js';
export { nearestLevels, quantizeToLevels } from './learned-levels/nearest-level.js';
export { projectOntoUniform, type UniformProjection } from './learned-levels/uniform-projection.js';
export {
  codeOf,
  dequantizeCodes,
  dequantizeCodesPerChannel,
  quantizeToCodes,
  quantizeToCodesPerChannel,
} from './linear/codes.js';
export { fakeQuantize, fakeQuantizePerChannel } from './linear/fake-quantize.js';
export { codeRange, type LinearGrid, linearGrid, linearGrids, SMALLEST_SCALE } from './linear/grid.js';
export { haqQuantizeActivations, haqQuantizeWeights } from './linear/haq-compat.js';
export { weightGrids } from './linear/quantizer.js';
export {
  type PointDemand,
  pointsByThreshold,
  pointsOfTotal,
  pointsWithinBudget,
} from './multipoint/allocate-points.js';
export type { ChannelPoints, PointSum } from './multipoint/channel-points.js';
export type { FitOptions } from './multipoint/fit-channel.js';
export { fitCodesToOutputs } from './multipoint/fit-codes.js';
export { fitToOutputs } from './multipoint/fit-coefficients.js';
export { fitChannels, joinPoints, splitPoints } from './multipoint/fit-weights.js';
export { type MultipointWeights, reconstructPoints } from './multipoint/multipoint-weights.js';
export { outputVariance, relativeOutputErrors } from './multipoint/output-error.js';
export { pointBasis, refitCoefficients } from './multipoint/projection.js';
export { vectorsToWeigh, type Weighed, weighedSums } from './multipoint/weighed.js';
export { findWeightQuantizer, WEIGHT_QUANTIZERS } from './registry.js';
export type { QuantizedWeights, WeightQuantizationOptions, WeightQuantizerDefinition } from './weight-quantizer.js';
