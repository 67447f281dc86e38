import { randomUUID } from 'node:crypto';
import { selectAccelerators } from '@bitwright/accelerators';
import { hardwareHandlers, openEventBus } from '@bitwright/adapters';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import { type EventBus, type EventKind, VERSION } from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { createServer, type Logger, type RunningService, type ServiceDefinition } from '@bitwright/service-kit';
import { HARDWARE_FIELDS, type HardwareConfig } from './config.js';
import { readProfileFiles } from './profile-files.js';
import { openTables } from './table-files.js';

/** Hosts the accelerators that its configuration names, those of its profile files, and its cost tables. */
export const hardwareService: ServiceDefinition<typeof HARDWARE_FIELDS> = {
  name: 'hardware',
  description: 'prices layers and policies on simulated accelerators and cost tables (bitwright.hardware.v1)',
  fields: HARDWARE_FIELDS,
  compose: composeHardware,
};

export async function composeHardware(config: HardwareConfig, logger: Logger): Promise<RunningService> {
  const profiles = await readProfileFiles(config.profiles);
  const tables = await openTables(config.tables, config.missingCosts);
  const accelerators = [...selectAccelerators(config.accelerators), ...profiles, ...tables];
  const names = accelerators.map(({ capabilities }) => capabilities.name);
  const server = createServer({ logger, reflection: config.reflection });
  server.add(HardwareServiceDefinition, hardwareHandlers(createLocalCatalog(accelerators)));
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
