import { HARDWARE_SERVER_FIELDS } from '@bitwright/hardware-server';
import { addressField, type ConfigOf, integerField, type SERVICE_FIELDS, textField } from '@bitwright/service-kit';

/** Settings of the service that measures this machine. */
export const ONNXRUNTIME_FIELDS = {
  ...HARDWARE_SERVER_FIELDS,
  listen: addressField('where to serve', '127.0.0.1:7004'),
  hardware: textField('name of the target', 'onnxruntime-cpu'),
  threads: integerField('threads that run a model, each kept on a processor of its own', { min: 1, max: 256 }, 1),
  warmUpRuns: integerField('runs before the first that counts', { min: 1, max: 1000 }, 10),
  samples: integerField('samples of which the median is taken', { min: 5, max: 10_000 }, 30),
  budgetMs: integerField(
    'longest time for one layer or one network, ms; then the samples so far count, at least 5',
    { min: 10, max: 3_600_000 },
    5_000,
  ),
};

export type OnnxruntimeConfig = ConfigOf<typeof ONNXRUNTIME_FIELDS & typeof SERVICE_FIELDS>;
