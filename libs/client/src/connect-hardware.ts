import { openHardware, RemoteHardwareCatalog } from '@bitwright/adapters';
import type { HardwareNetwork } from '@bitwright/core';

export type HardwareConnection = HardwareNetwork & {
  /** Calls under way may fail. */
  close(): void;
};

/** The targets of the hardware services at `host:port`, by name. Close it when done. */
export function connectHardware(...addresses: readonly string[]): HardwareConnection {
  return new RemoteHardwareCatalog(addresses);
}

/**
 * The same, and the targets of services that announce themselves on the NATS server at the URL. Without a server there
 * are the addresses alone. Throws `invalid_argument` for a URL it cannot read.
 */
export async function findHardware(addresses: readonly string[], nats: string): Promise<HardwareConnection> {
  const { hardware, close } = await openHardware({ addresses, nats, onNotice: () => {} });
  return {
    list: (signal) => hardware.list(signal),
    survey: (signal) => hardware.survey(signal),
    open: (name) => hardware.open(name),
    close: () => void close(),
  };
}
