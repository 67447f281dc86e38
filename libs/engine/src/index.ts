export { createPolicyEvaluator, type PolicyEvaluator } from './evaluation/policy-evaluator.js';
export {
  createIntegerEvaluator,
  floatGraph,
  type IntegerEvaluator,
  type IntegerMeasurement,
} from './integer/integer-evaluator.js';
export {
  type EdgeSearchOptions,
  type EdgeSearchResult,
  type IntegerTask,
  integerTask,
  replayStrategy,
  searchEdgeBits,
} from './integer/search-edge-bits.js';
export { LocalQuantizer, type LocalQuantizerOptions, type ModelLibrary, type ZooModel } from './local-quantizer.js';
export { type Measurement, measureAccuracy } from './measuring/classifier.js';
export { createParameters, parameterShapes } from './network/create-parameters.js';
export { foldBatchNormalization } from './network/fold-batch-normalization.js';
export { layerPointsOf } from './quantization/plan.js';
export type { Augmentation } from './samples/batch-composer.js';
export {
  DEFAULT_FLOAT_TRAINING,
  type FloatTraining,
  type FloatTrainingOptions,
  type TrainingProgress,
  trainFloat,
} from './training/train-float.js';
export { finish, type Work } from './work.js';
