import { RemoteHardwareCatalog } from '@bitwright/adapters';
import type { HardwareCatalog } from '@bitwright/core';

/** The targets of the hardware services at `host:port`, by name. Close it when done. */
export function connectHardware(...addresses: readonly string[]): HardwareCatalog & { close(): void } {
  return new RemoteHardwareCatalog(addresses);
}
