import { readFile } from 'node:fs/promises';
import type { Model, Preprocessing } from '@bitwright/core';
import { assertDataFits, type Dataset, openDataset, preprocessingFor } from '@bitwright/datasets';
import { importOnnx } from '@bitwright/onnx';
import { createPolicyEvaluator, type PolicyEvaluator } from '../evaluation/policy-evaluator.js';
import type { JobPlace } from './job.js';
import { preprocessingOf } from './preprocessing-metadata.js';

/** A model and a data set, loaded and fitting each other, with what evaluates policies on them. */
export type Workbench = {
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocessing: Preprocessing;
  readonly evaluator: PolicyEvaluator;
};

/** What a child keeps between jobs: the last data sets and workbenches. */
export interface Workbenches {
  dataset(place: Pick<JobPlace, 'dataset' | 'places'>): Promise<Dataset>;
  open(place: JobPlace): Promise<Workbench>;
}

/** Each workbench holds compiled graphs and calibration results, some 100 MB; each data set its images. */
const KEPT = 2;

export function createWorkbenches(): Workbenches {
  const datasets = new Map<string, Promise<Dataset>>();
  const benches = new Map<string, Promise<Workbench>>();
  const dataset: Workbenches['dataset'] = ({ dataset: name, places }) =>
    keep(datasets, `${places.root}\n${name}`, () => openDataset(name, places));
  const open: Workbenches['open'] = (place) =>
    keep(
      benches,
      `${place.modelPath}\n${place.places.root}\n${place.dataset}`,
      async () => createWorkbench(place.modelPath, await dataset(place)),
      ({ evaluator }) => evaluator[Symbol.dispose](),
    );
  return { dataset, open };
}

async function createWorkbench(modelPath: string, data: Dataset): Promise<Workbench> {
  const { model, metadata } = importOnnx(await readFile(modelPath));
  const preprocessing = preprocessingOf(metadata) ?? preprocessingFor(data, model.network.input.height);
  assertDataFits(model.network, data, preprocessing);
  return { model, data, preprocessing, evaluator: createPolicyEvaluator(model, data, preprocessing) };
}

/** The entry of this key, made anew when it is not there; failures are not kept, and the oldest of too many goes. */
async function keep<T>(
  entries: Map<string, Promise<T>>,
  key: string,
  create: () => Promise<T>,
  dispose: (entry: T) => void = () => {},
): Promise<T> {
  const entry = entries.get(key) ?? create();
  entries.delete(key);
  entries.set(key, entry);
  entry.catch(() => entries.delete(key));
  const [oldest] = entries.keys();
  if (entries.size > KEPT && oldest !== undefined) {
    void entries.get(oldest)?.then(dispose, () => {});
    entries.delete(oldest);
  }
  return entry;
}
