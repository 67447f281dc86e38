import { randomUUID } from 'node:crypto';
import {
  artifactHandlers,
  createQuantizerPool,
  openArtifactStore,
  openEventBus,
  openHardware,
  openSearchStore,
  RemoteQuantizer,
} from '@bitwright/adapters';
import { ArtifactServiceDefinition, SearchServiceDefinition } from '@bitwright/contracts';
import { type Quantizer, resolvePolicy, SearchManager, VERSION } from '@bitwright/core';
import {
  createChannel,
  createLifecycle,
  createServer,
  type Lifecycle,
  type Logger,
  type RunningService,
  type ServiceDefinition,
} from '@bitwright/service-kit';
import { findStrategy, STRATEGIES } from '@bitwright/strategies';
import { ownArtifacts, startSweeps } from './artifact-sweeps.js';
import { AGENT_FIELDS, type AgentConfig } from './config.js';
import { hardwareEvents } from './hardware-events.js';
import { createSearchHandlers } from './search-handlers.js';
import { systemClock } from './system-clock.js';

/** The agent: keeps searches and lets strategies, hardware and quantizer work on them. */
export const agentService: ServiceDefinition<typeof AGENT_FIELDS> = {
  name: 'agent',
  description: 'creates, runs, resumes and reports searches (bitwright.agent.v1)',
  fields: AGENT_FIELDS,
  compose: composeAgent,
};

/** Opens what the agent needs, takes up interrupted searches, and serves. */
export async function composeAgent(config: AgentConfig, logger: Logger): Promise<RunningService> {
  const parts = createLifecycle(logger);
  try {
    const store = await openSearchStore({ url: config.database, onNotice: (notice) => logger.warn(notice) });
    parts.onClose('database', () => store.close());
    const events = await openEventBus(config.nats, (notice) => logger.warn(notice));
    parts.onClose('events', () => events.close());
    const quantizer = openQuantizers(config.quantizer, parts);
    const { hardware, close: closeHardware } = await openHardware({
      ...{ addresses: config.hardware, nats: config.nats, onNotice: (notice: string) => logger.warn(notice) },
      ...hardwareEvents(events),
    });
    parts.onClose('hardware', closeHardware);
    const artifactStore = await openArtifactStore(config.artifacts);
    parts.onClose('artifacts', () => artifactStore.close());
    const artifacts = await ownArtifacts(artifactStore.keeper, store, logger);
    if (artifacts !== undefined) {
      const sweeps = startSweeps({ store, artifacts, clock: systemClock }, logger);
      parts.onClose('sweeps of artifacts', () => sweeps.close());
    }

    const strategy = findStrategy;
    const ports = {
      quantizer,
      hardware,
      strategy,
      store,
      events,
      artifacts,
      clock: systemClock,
      newId: randomUUID,
      versions: versions(),
    };
    const onError = (error: unknown, searchId: string) =>
      logger.error({ err: error, searchId }, 'a search could not be ended');
    const { maxSearches: maxRunning, patienceSeconds } = config;
    const manager = new SearchManager(ports, { maxRunning, patienceMs: 1000 * patienceSeconds, onError });

    const server = createServer({ logger, reflection: config.reflection });
    server.add(
      SearchServiceDefinition,
      createSearchHandlers({
        ...{ manager, strategies: STRATEGIES, quantizer, hardware, version: VERSION },
        resolve: (searchId, budget) => resolvePolicy({ store, strategy }, searchId, budget),
      }),
    );
    server.add(ArtifactServiceDefinition, artifactHandlers(artifactStore.artifacts));
    parts.onClose('searches', () => manager.close());
    await manager.start();
    const address = await server.listen(config.listen);
    parts.onClose('server', () => server.close(1000 * config.drainSeconds));
    return { address, close: async () => void (await parts.close()) };
  } catch (error) {
    await parts.close();
    throw error;
  }
}

/** As one, however many there are. */
function openQuantizers(addresses: AgentConfig['quantizer'], parts: Lifecycle): Quantizer {
  const open = (address: string): Quantizer => {
    const channel = createChannel(address);
    parts.onClose(`quantizer ${address}`, () => channel.close());
    return new RemoteQuantizer(channel);
  };
  const [first, ...more] = addresses;
  return createQuantizerPool([open(first), ...more.map(open)]);
}

const versions = () => ({ bitwright: VERSION, node: process.versions.node });
