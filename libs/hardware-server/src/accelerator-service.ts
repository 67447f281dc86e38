import { type Accelerator, createLocalCatalog } from '@bitwright/hardware-kit';
import type { ServiceDefinition } from '@bitwright/service-kit';
import { HARDWARE_SERVER_FIELDS } from './config.js';
import { serveHardware } from './serve-hardware.js';

export type AcceleratorServiceOptions = {
  /** Of the service, for logs and help. */
  readonly name: string;
  readonly description: string;
  readonly accelerators: readonly Accelerator[];
};

/**
 * A hardware service of its own for these accelerators, for `runService`: the whole of a new backend's `main`. Each is a
 * target under its own name; `compose` throws `already_exists` when two share one.
 */
export function createAcceleratorService({
  name,
  description,
  accelerators,
}: AcceleratorServiceOptions): ServiceDefinition<typeof HARDWARE_SERVER_FIELDS> {
  return {
    name,
    description,
    fields: HARDWARE_SERVER_FIELDS,
    compose: (config, logger) => serveHardware(createLocalCatalog(accelerators), config, logger),
  };
}
