import type { DatasetDescription } from '@bitwright/core';
import { mapEntries, requireAmount, requireDigest, requireInteger, requireText } from './fields.js';
import type * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { LIMITS } from './limits.js';
import { fromWireShape, toWireShape } from './shape.js';

const SAMPLES = { min: 0, max: LIMITS.samples };

export function toWireDataset({
  name,
  classes,
  imageShape,
  samples,
  digest,
  mean,
  std,
}: DatasetDescription): wire.Dataset {
  return {
    name,
    classes,
    imageShape: toWireShape(imageShape),
    trainingSamples: samples.training,
    validationSamples: samples.validation,
    testSamples: samples.test,
    digest,
    mean: [...mean],
    std: [...std],
  };
}

export function fromWireDataset(message: wire.Dataset, field: string): DatasetDescription {
  return {
    name: requireText(message.name, `${field}.name`, LIMITS.path),
    classes: requireInteger(message.classes, `${field}.classes`, { min: 1, max: LIMITS.classes }),
    imageShape: fromWireShape(message.imageShape, `${field}.image_shape`),
    samples: {
      training: requireInteger(message.trainingSamples, `${field}.training_samples`, SAMPLES),
      validation: requireInteger(message.validationSamples, `${field}.validation_samples`, SAMPLES),
      test: requireInteger(message.testSamples, `${field}.test_samples`, SAMPLES),
    },
    digest: requireDigest(message.digest, `${field}.digest`),
    mean: requireStatistics(message.mean, `${field}.mean`),
    std: requireStatistics(message.std, `${field}.std`),
  };
}

function requireStatistics(values: readonly number[], field: string): readonly number[] {
  const channels = { min: 0, max: LIMITS.imageChannels };
  return mapEntries(values, field, channels, requireAmount);
}
