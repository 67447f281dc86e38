import process from 'node:process';
import type { Model, ModelSource, Preprocessing } from '@bitwright/core';
import { type Dataset, openDataset } from '@bitwright/datasets';
import { createPolicyEvaluator, type PolicyEvaluator } from '@bitwright/engine';
import { importOnnx } from '@bitwright/onnx';
import { preprocessingOf } from '../../libs/engine/src/jobs/preprocessing-metadata.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';
import { createZooLibrary } from '../../services/quantizer/src/model-library.js';

/** A network of the zoo for Fashion-MNIST by its name, with its width behind a colon: `mobilenet-v2:0.35`. */
export function zooSource(name: string): ModelSource & { readonly kind: 'zoo' } {
  const [network = '', width = '1'] = name.split(':');
  return { kind: 'zoo', network, width: Number(width), imageSize: 32, classes: 10 };
}

export type ZooEvaluator = {
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocessing: Preprocessing;
  readonly evaluator: PolicyEvaluator;
};

/** The trained network, with what evaluates policies of it on Fashion-MNIST. */
export async function openZooEvaluator(name: string): Promise<ZooEvaluator> {
  const { model, metadata } = importOnnx(
    (await createZooLibrary().find(zooSource(name))).checkpoint?.onnx ?? new Uint8Array(0),
  );
  const data = await openDataset('fashion-mnist', { root: defaultDataFolder(process.env) });
  const preprocessing = preprocessingOf(metadata);
  if (preprocessing === undefined) throw new Error(`${name} does not say how its images are prepared`);
  return { model, data, preprocessing, evaluator: createPolicyEvaluator(model, data, preprocessing) };
}
