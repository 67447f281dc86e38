import { fromWireHardwareCapabilities, HardwareServiceDefinition, readAnswer } from '@bitwright/contracts';
import {
  type AnnouncedTarget,
  type HardwareCapabilities,
  type HardwareEndpoint,
  toBitwrightError,
} from '@bitwright/core';
import { type Channel, createChannel, createClient, withSignal } from '@bitwright/service-kit';
import type { HardwareClient } from './remote-hardware.js';

/** A service describes itself in milliseconds; who takes longer than this does not answer. */
const DESCRIBE_MS = 10_000;

/** One hardware service: the connection to it, and what was last known of it. */
export class HardwarePeer {
  readonly address: string;
  readonly client: HardwareClient;
  readonly #channel: Channel;
  #targets: readonly AnnouncedTarget[] | undefined;
  #outage: HardwareEndpoint['outage'];

  /** `host:port`; nothing is connected before the first call. Throws `invalid_argument` for anything else. */
  constructor(address: string) {
    this.address = address;
    this.#channel = createChannel(address);
    this.client = createClient(HardwareServiceDefinition, this.#channel);
  }

  /** Undefined before it answered once. */
  get targets(): readonly AnnouncedTarget[] | undefined {
    return this.#targets;
  }

  get outage(): HardwareEndpoint['outage'] {
    return this.#outage;
  }

  /** Its targets; none when it does not answer, which is then its `outage`. Throws when the signal fires. */
  async describe(signal?: AbortSignal): Promise<readonly HardwareCapabilities[]> {
    try {
      const { capabilities } = await this.client.getCapabilities(
        {},
        { ...withSignal(signal), deadlineMs: DESCRIBE_MS },
      );
      const targets = readAnswer(() =>
        capabilities.map((target, index) => fromWireHardwareCapabilities(target, `capabilities[${index}]`)),
      );
      this.#targets = targets.map(({ name, version, provenance }) => ({ name, version, provenance }));
      this.#outage = undefined;
      return targets;
    } catch (error) {
      signal?.throwIfAborted();
      this.#outage = { since: this.#outage?.since ?? Date.now(), reason: toBitwrightError(error).message };
      return [];
    }
  }

  /** Calls under way may end. */
  close(): void {
    this.#channel.close();
  }
}
