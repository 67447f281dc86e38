import { HardwareDirectory } from '@bitwright/core';
import { RemoteHardwareCatalog } from './grpc/remote-hardware-catalog.js';
import { type DiscoverHardwareOptions, discoverHardware } from './nats/discover-hardware.js';

/** Services that announce themselves, at most. */
const LARGEST_DIRECTORY = 256;

export type OpenHardwareOptions = Pick<DiscoverHardwareOptions, 'onNotice' | 'onFound' | 'onLost'> & {
  /** `host:port` of services that are there whether they announce themselves or not. */
  readonly addresses: readonly string[];
  /** Where others announce themselves; nobody is looked for without. */
  readonly nats: string | undefined;
};

/** The targets of the services at the addresses and, where there is NATS, of those that announce themselves. */
export async function openHardware(
  options: OpenHardwareOptions,
): Promise<{ readonly hardware: RemoteHardwareCatalog; close(): Promise<void> }> {
  const { addresses, nats: url, ...listeners } = options;
  if (url === undefined) {
    const hardware = new RemoteHardwareCatalog(addresses);
    return { hardware, close: async () => hardware.close() };
  }
  const directory = new HardwareDirectory(LARGEST_DIRECTORY);
  const hardware = new RemoteHardwareCatalog(addresses, directory);
  const answers = (address: string) => hardware.answers(address);
  const discovery = await discoverHardware({ url, directory, answers, ...listeners });
  const close = async () => {
    await discovery.close();
    hardware.close();
  };
  return { hardware, close };
}
