import { completeSearchSpec } from '@bitwright/core';

/** What a search gets where nothing is said; model, data set and hardware have no default and are empty here. */
export const SEARCH_DEFAULTS = completeSearchSpec({
  model: { kind: 'artifact', digest: '' },
  dataset: { name: '' },
  hardware: [],
});
