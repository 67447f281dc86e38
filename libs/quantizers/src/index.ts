export { codeRange, type LinearGrid, linearGrid, linearGrids, SMALLEST_SCALE } from './linear/grid.js';
export { fakeQuantize, fakeQuantizePerChannel } from './linear/fake-quantize.js';
export {
  codeOf,
  dequantizeCodes,
  dequantizeCodesPerChannel,
  quantizeToCodes,
  quantizeToCodesPerChannel,
} from './linear/codes.js';
export { haqQuantizeActivations, haqQuantizeWeights } from './linear/haq-compat.js';
export { CLIP_METHODS, type ClipMethod, type ClipRule, type ClipTarget, DEFAULT_PERCENTILE } from './clipping/clip-rule.js';
export { CLIP_RULES } from './clipping/registry.js';
export { clipThreshold, clipThresholdOfHistogram, clipThresholdsPerChannel } from './clipping/threshold.js';
export { haqActivationRange } from './clipping/haq-activation-range.js';
export { addToHistogram, createHistogram, type Histogram, histogramOf, mergeHistograms } from './histogram/histogram.js';
