import type { Hardware, HardwareCapabilities, HardwareNetwork, HardwareSurvey } from '@bitwright/core';
import { explainAbsence, unreachable } from './absent-hardware.js';
import type { HardwarePeer } from './hardware-peer.js';
import { type AnnouncedHardware, HardwarePeers } from './hardware-peers.js';
import { RemoteHardware } from './remote-hardware.js';

type Found = { readonly peer: HardwarePeer; readonly capabilities: HardwareCapabilities };

/** Targets of which it is remembered where they were served; beyond it the oldest are forgotten. */
const REMEMBERED_TARGETS = 1_000;

/**
 * The targets of several hardware services, by name: those of the configuration, and those that announced themselves. Of
 * two with one name, that of the service named first counts, among those that answer. Services may come and go: `list`
 * gives what can be reached now (and throws when nothing can), `open` throws `unavailable` rather than `not_found` while
 * a service that might have the target is away, and for a target that was there before.
 */
export class RemoteHardwareCatalog implements HardwareNetwork {
  readonly #peers: HardwarePeers;
  readonly #discovers: boolean;
  /** Who had a target when it was asked last. */
  readonly #known = new Map<string, HardwarePeer>();
  readonly #lastAddresses = new Map<string, string>();

  /** `configured` are `host:port`; nothing is connected before the first call. Throws `invalid_argument`. */
  constructor(configured: readonly string[], announced?: AnnouncedHardware) {
    this.#peers = new HardwarePeers(configured, announced ?? { instances: [] });
    this.#discovers = announced !== undefined;
  }

  async list(signal?: AbortSignal): Promise<readonly HardwareCapabilities[]> {
    const { targets, endpoints } = await this.survey(signal);
    const away = endpoints.filter(({ outage }) => outage !== undefined);
    if (targets.length === 0 && away.length > 0) throw unreachable('hardware', away);
    return targets;
  }

  async survey(signal?: AbortSignal): Promise<HardwareSurvey> {
    const found = await this.#askAll(signal);
    return { targets: found.map(({ capabilities }) => capabilities), endpoints: this.#peers.endpoints() };
  }

  async open(name: string): Promise<Hardware> {
    const known = this.#known.get(name);
    if (known !== undefined && this.#peers.current().includes(known)) return this.#remote(known, name);
    const found = await this.#askAll();
    const target = found.find(({ capabilities }) => capabilities.name === name);
    if (target !== undefined) return this.#remote(target.peer, name);
    throw explainAbsence(name, {
      names: found.map(({ capabilities }) => capabilities.name),
      endpoints: this.#peers.endpoints(),
      lastAddress: this.#lastAddresses.get(name),
      discovers: this.#discovers,
    });
  }

  /** Whether the service at an address describes itself when it is asked. */
  async answers(address: string): Promise<boolean> {
    const peer = this.#peers.at(address);
    await peer.describe();
    return peer.outage === undefined;
  }

  /** Closes the connections. */
  close(): void {
    this.#peers.close();
  }

  /** Asks everybody at once. Of targets with one name the first counts; who has it is remembered. */
  async #askAll(signal?: AbortSignal): Promise<readonly Found[]> {
    const answers = this.#peers.current().map(async (peer) => {
      const targets = await peer.describe(signal);
      return targets.map((capabilities) => ({ peer, capabilities }));
    });
    const all = (await Promise.all(answers)).flat();
    const names = all.map(({ capabilities }) => capabilities.name);
    const first = all.filter((_, index) => names.indexOf(names[index] as string) === index);
    for (const { peer, capabilities } of first) this.#remember(capabilities.name, peer);
    return first;
  }

  #remember(name: string, peer: HardwarePeer): void {
    this.#known.set(name, peer);
    this.#lastAddresses.delete(name);
    this.#lastAddresses.set(name, peer.address);
    if (this.#lastAddresses.size <= REMEMBERED_TARGETS) return;
    const [oldest = ''] = this.#lastAddresses.keys();
    this.#lastAddresses.delete(oldest);
    this.#known.delete(oldest);
  }

  /** A target that is not there any more is looked for anew at the next `open`. */
  #remote(peer: HardwarePeer, name: string): RemoteHardware {
    const onAway = () => {
      if (this.#known.get(name) === peer) this.#known.delete(name);
    };
    return new RemoteHardware(peer.client, name, { address: peer.address, onAway });
  }
}
