import { catalogOf } from '@bitwright/hardware-kit';
import { serveHardware } from '@bitwright/hardware-server';
import { createMeasuredCpu, pinnedTo } from '@bitwright/onnxruntime-cpu';
import type { Logger, RunningService, ServiceDefinition } from '@bitwright/service-kit';
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
  const cpu = await createMeasuredCpu({ name, threads, warmUpRuns, samples, budgetMs, launcher, onWorkerDied });
  try {
    const service = await serveHardware(catalogOf([[name, cpu]]), config, logger);
    const close = async () => {
      await service.close();
      cpu.close();
    };
    return { address: service.address, close };
  } catch (error) {
    cpu.close();
    throw error;
  }
}
