import { randomUUID } from 'node:crypto';
import { artifactHandlers, connectNatsEventBus, connectHardware, connectQuantizer, MemoryEventBus, openFileArtifactStore, openSearchStore } from '@bitwright/adapters';
import { ArtifactServiceDefinition, SearchServiceDefinition } from '@bitwright/contracts';
import { type EventBus, SearchManager, VERSION } from '@bitwright/core';
import { createLifecycle, createServer, type Logger, type RunningService, type ServiceDefinition } from '@bitwright/service-kit';
import { findStrategy, STRATEGIES } from '@bitwright/strategies';
import { AGENT_FIELDS, type AgentConfig } from './config.js';
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
    const store = await openSearchStore({ url: config.database });
    parts.onClose('database', () => store.close());
    const events = openEvents(config, logger);
    parts.onClose('events', () => events.close());
    const quantizer = connectQuantizer(config.quantizer);
    parts.onClose('quantizer', () => quantizer.close());
    const hardware = connectHardware(config.hardware);
    parts.onClose('hardware', () => hardware.close());
    const artifacts = openFileArtifactStore({ folder: config.artifacts });

    const strategy = findStrategy;
    const ports = { quantizer, hardware, strategy, store, events, clock: systemClock, newId: randomUUID, versions: versions() };
    const onError = (error: unknown, searchId: string) => logger.error({ err: error, searchId }, 'a search could not be ended');
    const { maxSearches: maxRunning, patienceSeconds } = config;
    const manager = new SearchManager(ports, { maxRunning, patienceMs: 1000 * patienceSeconds, onError });

    const server = createServer({ logger, reflection: config.reflection });
    server.add(SearchServiceDefinition, createSearchHandlers({ manager, strategies: STRATEGIES, quantizer, hardware, version: VERSION }));
    server.add(ArtifactServiceDefinition, artifactHandlers(artifacts));
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

function openEvents(config: AgentConfig, logger: Logger): EventBus {
  if (config.nats === undefined) return new MemoryEventBus();
  return connectNatsEventBus({ url: config.nats, onProblem: (problem) => logger.warn(problem, 'events') });
}

const versions = () => ({ bitwright: VERSION, node: process.versions.node });
