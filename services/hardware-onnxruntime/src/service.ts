import { catalogOf } from '@bitwright/hardware-kit';
import { serveHardware } from '@bitwright/hardware-server';
import { createMeasuredCpu, pinnedTo } from '@bitwright/onnxruntime-cpu';
import {
  createLifecycle,
  type Logger,
  openProcessFolder,
  type RunningService,
  type ServiceDefinition,
} from '@bitwright/service-kit';
import { ONNXRUNTIME_FIELDS, type OnnxruntimeConfig } from './config.js';

/** Measures the machine that it runs on. */
export const onnxruntimeService: ServiceDefinition<typeof ONNXRUNTIME_FIELDS> = {
  name: 'hardware-onnxruntime',
  description: 'measures layers and networks on this machine in ONNX Runtime (bitwright.hardware.v1)',
  fields: ONNXRUNTIME_FIELDS,
  compose: composeOnnxruntime,
};

async function composeOnnxruntime(config: OnnxruntimeConfig, logger: Logger): Promise<RunningService> {
  const { hardware: name, threads, warmUpRuns, samples, budgetMs } = config;
  const launcher = pinnedTo(threads);
  if (launcher.length === 0) logger.warn('threads are not pinned: there is no taskset, or no processor is left over');
  const onWorkerDied = (error: unknown) => logger.error({ err: error }, 'a measurement died');
  const parts = createLifecycle(logger);
  try {
    const { path: temporaryFolder, remove } = await openProcessFolder('onnxruntime');
    parts.onClose('temporary folder', remove);
    const settings = { threads, warmUpRuns, samples, budgetMs };
    const cpu = await createMeasuredCpu({ name, ...settings, launcher, temporaryFolder, onWorkerDied });
    parts.onClose('measurements', () => cpu.close());
    const service = await serveHardware(catalogOf([[name, cpu]]), config, logger);
    parts.onClose('server', () => service.close());
    return { address: service.address, close: async () => void (await parts.close()) };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
