export { createParameters, parameterShapes } from './network/create-parameters.js';
export { type Augmentation } from './samples/batch-composer.js';
export { measureAccuracy, type Measurement } from './measuring/classifier.js';
export {
  DEFAULT_FLOAT_TRAINING,
  type FloatTraining,
  type FloatTrainingOptions,
  trainFloat,
  type TrainingProgress,
} from './training/train-float.js';
