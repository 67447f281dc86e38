import {
  addressField,
  type ConfigOf,
  integerField,
  listField,
  optionalTextField,
  type SERVICE_FIELDS,
  textField,
} from '@bitwright/service-kit';

/** Settings of the quantizer. */
export const QUANTIZER_FIELDS = {
  listen: addressField('where to serve', '127.0.0.1:7002'),
  artifacts: textField(
    'folder for models and checkpoints (the agent’s, when both see it), or host:port of the agent',
    '.bitwright/artifacts',
  ),
  data: optionalTextField('folder with the data sets, one sub-folder each (default: where set-up puts them)'),
  datasetRoots: listField('folders besides it whose data sets requests may name by absolute path; / for any', []),
  workers: integerField('child processes, one thread each; 0 for one per core', { min: 0, max: 64 }, 0),
  queue: integerField('evaluations that may wait for a worker', { min: 1, max: 10_000 }, 64),
};

export type QuantizerConfig = ConfigOf<typeof QUANTIZER_FIELDS & typeof SERVICE_FIELDS>;
