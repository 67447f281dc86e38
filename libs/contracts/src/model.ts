import type { ModelDescription, ModelSource, Preprocessing, ZooEntry } from '@bitwright/core';
import { invalidField } from '@bitwright/core';
import {
  mapEntries,
  requireCount,
  requireDigest,
  requireFinite,
  requireInteger,
  requireMessage,
  requirePositive,
  requireShare,
  requireText,
} from './fields.js';
import type * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { LIMITS } from './limits.js';
import { fromWireNetwork, toWireNetwork } from './network.js';

type ZooSource = Omit<Extract<ModelSource, { kind: 'zoo' }>, 'kind'>;

export function toWireModelSource(source: ModelSource): wire.ModelSource {
  switch (source.kind) {
    case 'zoo':
      return { source: { $case: 'zoo', value: toWireZooModel(source) } };
    case 'artifact':
      return { source: { $case: 'artifactDigest', value: source.digest } };
  }
}

export function fromWireModelSource(message: wire.ModelSource | undefined, field: string): ModelSource {
  const { source } = requireMessage(message, field);
  if (source === undefined) throw invalidField(field, 'names neither zoo nor artifact_digest', 'FIELD_REQUIRED');
  switch (source.$case) {
    case 'zoo':
      return { kind: 'zoo', ...fromWireZooModel(source.value, `${field}.zoo`) };
    case 'artifactDigest':
      return { kind: 'artifact', digest: requireDigest(source.value, `${field}.artifact_digest`) };
  }
}

function toWireZooModel({ network, width, imageSize, classes, outputStride }: ZooSource): wire.ZooModel {
  return { network, width, imageSize, classes, outputStride: outputStride ?? 0 };
}

function fromWireZooModel(message: wire.ZooModel, field: string): ZooSource {
  const stride = requireInteger(message.outputStride, `${field}.output_stride`, { min: 0, max: LIMITS.imageSize });
  return {
    network: requireText(message.network, `${field}.network`),
    width: requirePositive(message.width, `${field}.width`, LIMITS.width),
    imageSize: requireInteger(message.imageSize, `${field}.image_size`, { min: 1, max: LIMITS.imageSize }),
    classes: requireInteger(message.classes, `${field}.classes`, { min: 1, max: LIMITS.classes }),
    outputStride: stride === 0 ? undefined : stride,
  };
}

export function toWireZooEntry(entry: ZooEntry): wire.ZooEntry {
  const { dataset, testAccuracy, parameters } = entry;
  return { model: toWireZooModel(entry), dataset, testAccuracy, parameters };
}

export function fromWireZooEntry(message: wire.ZooEntry, field: string): ZooEntry {
  const { outputStride, ...model } = fromWireZooModel(
    requireMessage(message.model, `${field}.model`),
    `${field}.model`,
  );
  return {
    ...model,
    outputStride: requireMessage(outputStride, `${field}.model.output_stride`),
    dataset: requireText(message.dataset, `${field}.dataset`, LIMITS.path),
    testAccuracy: requireShare(message.testAccuracy, `${field}.test_accuracy`),
    parameters: requireCount(message.parameters, `${field}.parameters`),
  };
}

export function toWirePreprocessing({ imageSize, padding, mean, std }: Preprocessing): wire.Preprocessing {
  return { imageSize, padding, mean: [...mean], std: [...std] };
}

/** One mean and one standard deviation (above 0) per channel; throws `invalid_argument` naming the field. */
export function fromWirePreprocessing(message: wire.Preprocessing, field: string): Preprocessing {
  const channels = { min: 1, max: LIMITS.imageChannels };
  const mean = mapEntries(message.mean, `${field}.mean`, channels, requireFinite);
  const perChannel = { min: mean.length, max: mean.length };
  return {
    imageSize: requireInteger(message.imageSize, `${field}.image_size`, { min: 1, max: LIMITS.imageSize }),
    padding: requireInteger(message.padding, `${field}.padding`, { min: 0, max: LIMITS.imageSize }),
    mean,
    std: mapEntries(message.std, `${field}.std`, perChannel, (value, path) => requirePositive(value, path)),
  };
}

export function toWireModelDescription(description: ModelDescription): wire.DescribeModelResponse {
  const { network, modelDigest, preprocessing } = description;
  return {
    network: toWireNetwork(network),
    modelDigest,
    preprocessing: preprocessing === undefined ? undefined : toWirePreprocessing(preprocessing),
  };
}

export function fromWireModelDescription(message: wire.DescribeModelResponse, field: string): ModelDescription {
  const { network, modelDigest, preprocessing } = message;
  return {
    network: fromWireNetwork(network, `${field}.network`),
    modelDigest: modelDigest === undefined ? undefined : requireDigest(modelDigest, `${field}.model_digest`),
    preprocessing:
      preprocessing === undefined ? undefined : fromWirePreprocessing(preprocessing, `${field}.preprocessing`),
  };
}
