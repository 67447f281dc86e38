export { channelValues } from './channels.js';
export type { ClipMethod } from './clipping/clip-rule.js';
export { clipThresholdOfHistogram } from './clipping/threshold.js';
export { addToHistogram, createHistogram, type Histogram } from './histogram/histogram.js';
export { quantilesOf } from './histogram/quantiles.js';
export { assignToNearest } from './k-means/assignment.js';
export {
  type Codebook,
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
export { projectOntoUniform } from './learned-levels/uniform-projection.js';
export { fakeQuantize, fakeQuantizePerChannel } from './linear/fake-quantize.js';
export { codeRange, type LinearGrid, linearGrid, linearGrids, SMALLEST_SCALE } from './linear/grid.js';
export { weightGrids } from './linear/weight-grids.js';
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
