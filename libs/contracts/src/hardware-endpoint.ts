import type { HardwareEndpoint } from '@bitwright/core';
import { fromWireAnnouncedTargets, toWireAnnouncedTarget } from './announcement.js';
import { limitText, requireCount, requireText } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';

export function toWireHardwareEndpoint(endpoint: HardwareEndpoint): wire.HardwareEndpoint {
  const { address, configured, announced, targets, outage } = endpoint;
  return {
    ...{ address, configured, announced, targets: targets.map(toWireAnnouncedTarget) },
    outage: outage && { sinceMs: outage.since, reason: outage.reason },
  };
}

export function fromWireHardwareEndpoint(message: wire.HardwareEndpoint, field: string): HardwareEndpoint {
  const { outage } = message;
  return {
    address: requireText(message.address, `${field}.address`),
    configured: message.configured,
    announced: message.announced,
    targets: fromWireAnnouncedTargets(message.targets, `${field}.targets`),
    outage: outage && {
      since: requireCount(outage.sinceMs, `${field}.outage.since_ms`),
      reason: limitText(outage.reason, `${field}.outage.reason`),
    },
  };
}
