import { availableParallelism } from 'node:os';
import { artifactHandlers, openArtifactStore, quantizerHandlers } from '@bitwright/adapters';
import { ArtifactServiceDefinition, QuantizerServiceDefinition } from '@bitwright/contracts';
import { LocalQuantizer } from '@bitwright/engine';
import {
  createLifecycle,
  createServer,
  type Environment,
  type Logger,
  openProcessFolder,
  type RunningService,
  type ServiceDefinition,
} from '@bitwright/service-kit';
import { QUANTIZER_FIELDS, type QuantizerConfig } from './config.js';
import { defaultDataFolder } from './data-folder.js';
import { createZooLibrary } from './model-library.js';

/** Quantizes, fine-tunes, measures and exports networks in child processes. */
export const quantizerService: ServiceDefinition<typeof QUANTIZER_FIELDS> = {
  name: 'quantizer',
  description: 'quantizes, fine-tunes, measures and exports networks (bitwright.quantizer.v1)',
  fields: QUANTIZER_FIELDS,
  compose: composeQuantizer,
};

/** More children than this would only compete for memory bandwidth. */
const MOST_WORKERS = 8;

export async function composeQuantizer(
  config: QuantizerConfig,
  logger: Logger,
  environment: Environment,
): Promise<RunningService> {
  const parts = createLifecycle(logger);
  try {
    const { artifacts, close: closeArtifacts } = await openArtifactStore(config.artifacts);
    parts.onClose('artifacts', closeArtifacts);
    const folder = await openProcessFolder('quantizer');
    parts.onClose('temporary folder', folder.remove);
    const server = createServer({ logger, reflection: config.reflection });
    const quantizer = new LocalQuantizer({
      artifacts,
      library: createZooLibrary(),
      dataFolder: config.data ?? defaultDataFolder(environment),
      datasetRoots: config.datasetRoots,
      temporaryFolder: folder.path,
      workers: config.workers === 0 ? Math.min(availableParallelism(), MOST_WORKERS) : config.workers,
      maximumWaiting: config.queue,
      onWorkerDied: (error) => logger.warn({ err: error }, 'a worker process died'),
      // The process lives and answers: only its work is in doubt, until some is done again.
      onHealth: (works) => server.health.set(QuantizerServiceDefinition.fullName, works),
    });
    parts.onClose('workers', () => quantizer.close());
    server.add(QuantizerServiceDefinition, quantizerHandlers(quantizer));
    server.add(ArtifactServiceDefinition, artifactHandlers(artifacts));
    const address = await server.listen(config.listen);
    parts.onClose('server', () => server.close(1000 * config.drainSeconds));
    return { address, close: async () => void (await parts.close()) };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
