import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { hardwareHandlers, openEventBus } from '@bitwright/adapters';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import {
  type EventBus,
  type EventKind,
  type HardwareCapabilities,
  type HardwareCatalog,
  VERSION,
} from '@bitwright/core';
import { createServer, type Logger, type RunningService } from '@bitwright/service-kit';
import { advertisedAddress } from './advertised-address.js';
import { announceService } from './announce-service.js';
import type { HardwareServerConfig } from './config.js';

/** Serves the targets of a catalog as `bitwright.hardware.v1`, with health and reflection, and tells of it on NATS. */
export async function serveHardware(
  catalog: HardwareCatalog,
  config: HardwareServerConfig,
  logger: Logger,
): Promise<RunningService> {
  const targets = await catalog.list();
  const server = createServer({ logger, reflection: config.reflection });
  server.add(HardwareServiceDefinition, hardwareHandlers(catalog));
  const listening = await server.listen(config.listen);
  const address = advertisedAddress(listening, config.advertise, hostname());
  const events = await openEventBus(config.nats, (notice) => logger.warn(notice));
  publish(events, 'hardware.started', targets, address);
  const announcer = await announceService(targets, address, config, logger);
  const close = async () => {
    await announcer.close();
    publish(events, 'hardware.stopped', targets, address);
    await server.close(1000 * config.drainSeconds);
    await events.close();
  };
  return { address: listening, close };
}

function publish(events: EventBus, kind: EventKind, targets: readonly HardwareCapabilities[], address: string): void {
  for (const { name: subject } of targets) {
    events.publish({ id: randomUUID(), kind, subject, time: Date.now(), attributes: { address, version: VERSION } });
  }
}
