import { randomUUID } from 'node:crypto';
import { hardwareHandlers, openEventBus } from '@bitwright/adapters';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import { type EventBus, type EventKind, type HardwareCatalog, VERSION } from '@bitwright/core';
import { createServer, type Logger, type RunningService } from '@bitwright/service-kit';
import type { HardwareServerConfig } from './config.js';

/** Serves the targets of a catalog as `bitwright.hardware.v1`, with health and reflection, and tells of it on NATS. */
export async function serveHardware(
  catalog: HardwareCatalog,
  config: HardwareServerConfig,
  logger: Logger,
): Promise<RunningService> {
  const names = (await catalog.list()).map(({ name }) => name);
  const server = createServer({ logger, reflection: config.reflection });
  server.add(HardwareServiceDefinition, hardwareHandlers(catalog));
  const address = await server.listen(config.listen);
  const events = await openEventBus(config.nats, (notice) => logger.warn(notice));
  announce(events, 'hardware.started', names, address);
  const close = async () => {
    announce(events, 'hardware.stopped', names, address);
    await server.close(1000 * config.drainSeconds);
    await events.close();
  };
  return { address, close };
}

function announce(events: EventBus, kind: EventKind, names: readonly string[], address: string): void {
  for (const subject of names) {
    events.publish({ id: randomUUID(), kind, subject, time: Date.now(), attributes: { address, version: VERSION } });
  }
}
