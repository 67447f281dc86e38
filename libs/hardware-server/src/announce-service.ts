import { randomUUID } from 'node:crypto';
import { announceHardware } from '@bitwright/adapters';
import { type HardwareCapabilities, VERSION } from '@bitwright/core';
import type { Logger } from '@bitwright/service-kit';
import type { HardwareServerConfig } from './config.js';

/** Announces the service as its settings say, until it is closed; does nothing without NATS or an interval. */
export async function announceService(
  capabilities: readonly HardwareCapabilities[],
  address: string,
  { nats, announceSeconds }: HardwareServerConfig,
  logger: Logger,
): Promise<{ close(): Promise<void> }> {
  if (nats === undefined || announceSeconds === 0) return { close: async () => {} };
  const targets = capabilities.map(({ name, version, provenance }) => ({ name, version, provenance }));
  const intervalMs = 1000 * announceSeconds;
  return announceHardware({
    url: nats,
    announcement: { instanceId: randomUUID(), address, version: VERSION, targets, intervalMs },
    onNotice: (notice) => logger.warn(notice),
  });
}
