import { selectAccelerators } from '@bitwright/accelerators';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { serveHardware } from '@bitwright/hardware-server';
import type { Logger, RunningService, ServiceDefinition } from '@bitwright/service-kit';
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
  return serveHardware(createLocalCatalog(accelerators), config, logger);
}
