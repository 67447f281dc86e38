export {
  type Dataset,
  describeDataset,
  listDatasetNames,
  openDataset,
  type OpenOptions,
  preprocessingFor,
} from './dataset.js';
export {
  assertDataFits,
  type Augmentation,
  channelStatistics,
  createInputs,
  inputLength,
  selectLabels,
  type Variation,
} from './preprocessing.js';
export { createSamples, imageLength, type Samples, selectSamples } from './samples.js';
export { type SplitOptions, splitSamples } from './split.js';
