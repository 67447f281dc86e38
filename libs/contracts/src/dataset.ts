import type { DatasetDescription } from '@bitwright/core';
import { requireDigest, requireInteger, requireText } from './fields.js';
import type * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { LIMITS } from './limits.js';
import { fromWireShape, toWireShape } from './shape.js';

const SAMPLES = { min: 0, max: LIMITS.samples };

export function toWireDataset({ name, classes, imageShape, samples, digest }: DatasetDescription): wire.Dataset {
  return {
    name,
    classes,
    imageShape: toWireShape(imageShape),
    trainingSamples: samples.training,
    validationSamples: samples.validation,
    testSamples: samples.test,
    digest,
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
  };
}
