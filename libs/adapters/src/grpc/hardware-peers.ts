import type { HardwareAnnouncement, HardwareEndpoint } from '@bitwright/core';
import { HardwarePeer } from './hardware-peer.js';

/** Services that announced themselves, as they are now. */
export type AnnouncedHardware = { readonly instances: readonly HardwareAnnouncement[] };

/** The hardware services that we are told of, one connection for each address; configured ones come first. */
export class HardwarePeers {
  readonly #configured: readonly string[];
  readonly #announced: AnnouncedHardware;
  readonly #peers = new Map<string, HardwarePeer>();

  /** Throws `invalid_argument` for an address that is not `host:port`. */
  constructor(configured: readonly string[], announced: AnnouncedHardware) {
    this.#configured = configured;
    this.#announced = announced;
    this.current();
  }

  /** Those that we are told of now; connections to others are closed. */
  current(): readonly HardwarePeer[] {
    const announced = this.#announced.instances.map(({ address }) => address);
    const addresses = new Set([...this.#configured, ...announced]);
    for (const [address, peer] of this.#peers) {
      if (addresses.has(address)) continue;
      peer.close();
      this.#peers.delete(address);
    }
    return [...addresses].map((address) => this.at(address));
  }

  at(address: string): HardwarePeer {
    const peer = this.#peers.get(address) ?? new HardwarePeer(address);
    this.#peers.set(address, peer);
    return peer;
  }

  /** As each was when it was asked last. */
  endpoints(): readonly HardwareEndpoint[] {
    return this.current().map(({ address, targets, outage }) => {
      const announcements = this.#announced.instances.filter((instance) => instance.address === address);
      return {
        ...{ address, outage, configured: this.#configured.includes(address), announced: announcements.length > 0 },
        targets: targets ?? announcements.at(-1)?.targets ?? [],
      };
    });
  }

  close(): void {
    for (const peer of this.#peers.values()) peer.close();
  }
}
