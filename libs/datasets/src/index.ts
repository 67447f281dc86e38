export {
  type Dataset,
  describeDataset,
  listDatasetNames,
  type OpenOptions,
  openDataset,
  preprocessingFor,
} from './dataset.js';
export type { DatasetPlaces } from './locate-dataset.js';
export {
  assertDataFits,
  channelStatistics,
  createInputs,
  inputLength,
  selectLabels,
} from './preprocessing.js';
export { createSamples, imageLength, type Samples, selectSamples } from './samples.js';
export { type SplitOptions, splitSamples } from './split.js';
