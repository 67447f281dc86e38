import { fromWireHardwareCapabilities, HardwareServiceDefinition, readAnswer } from '@bitwright/contracts';
import { BitwrightError, type Hardware, type HardwareCapabilities, type HardwareCatalog } from '@bitwright/core';
import { type Channel, createChannel, createClient, withSignal } from '@bitwright/service-kit';
import { type HardwareClient, RemoteHardware } from './remote-hardware.js';

type Endpoint = { readonly address: string; readonly channel: Channel; readonly client: HardwareClient };
type Survey = {
  readonly targets: readonly { readonly endpoint: Endpoint; readonly capabilities: HardwareCapabilities }[];
  /** Services that could not be asked, and why. */
  readonly failures: readonly { readonly address: string; readonly error: unknown }[];
};

/**
 * The targets of several hardware services, by name; of two with one name, that of the service named first counts.
 * Services may come and go: `list` gives what can be reached now (and throws when nothing can), `open` throws
 * `unavailable` rather than `not_found` while a service that might have the target is away.
 */
export class RemoteHardwareCatalog implements HardwareCatalog {
  readonly #endpoints: readonly Endpoint[];
  readonly #known = new Map<string, Endpoint>();

  /** `addresses` are `host:port`; nothing is connected before the first call. */
  constructor(addresses: readonly string[]) {
    this.#endpoints = addresses.map((address) => {
      const channel = createChannel(address);
      return { address, channel, client: createClient(HardwareServiceDefinition, channel) };
    });
  }

  async list(signal?: AbortSignal): Promise<readonly HardwareCapabilities[]> {
    const { targets, failures } = await this.#survey(signal);
    if (targets.length === 0 && failures.length > 0) throw unreachable(failures);
    return targets.map(({ capabilities }) => capabilities);
  }

  async open(name: string): Promise<Hardware> {
    const known = this.#known.get(name);
    if (known !== undefined) return new RemoteHardware(known.client, name);
    const { targets, failures } = await this.#survey();
    const target = targets.find(({ capabilities }) => capabilities.name === name);
    if (target !== undefined) return new RemoteHardware(target.endpoint.client, name);
    if (failures.length > 0) throw unreachable(failures);
    throw unknownHardware(
      name,
      targets.map(({ capabilities }) => capabilities.name),
    );
  }

  /** Closes the connections; calls under way fail. */
  close(): void {
    for (const { channel } of this.#endpoints) channel.close();
  }

  async #survey(signal?: AbortSignal): Promise<Survey> {
    const answers = await Promise.allSettled(this.#endpoints.map((endpoint) => listTargets(endpoint, signal)));
    signal?.throwIfAborted();
    const targets: Survey['targets'][number][] = [];
    const failures: Survey['failures'][number][] = [];
    answers.forEach((answer, index) => {
      const endpoint = this.#endpoints[index] as Endpoint;
      if (answer.status === 'rejected') failures.push({ address: endpoint.address, error: answer.reason });
      else for (const capabilities of answer.value) targets.push({ endpoint, capabilities });
    });
    return { targets: this.#keepFirst(targets), failures };
  }

  /** Of targets with one name the first counts; where each was found is remembered. */
  #keepFirst(targets: Survey['targets']): Survey['targets'] {
    const names = targets.map(({ capabilities }) => capabilities.name);
    const first = targets.filter(({ capabilities }, index) => names.indexOf(capabilities.name) === index);
    for (const { endpoint, capabilities } of first) this.#known.set(capabilities.name, endpoint);
    return first;
  }
}

async function listTargets({ client }: Endpoint, signal?: AbortSignal): Promise<readonly HardwareCapabilities[]> {
  const { capabilities } = await client.getCapabilities({}, withSignal(signal));
  return readAnswer(() =>
    capabilities.map((target, index) => fromWireHardwareCapabilities(target, `capabilities[${index}]`)),
  );
}

function unreachable(failures: Survey['failures']): BitwrightError {
  const reasons = failures.map(
    ({ address, error }) => `${address} (${error instanceof Error ? error.message : String(error)})`,
  );
  const message = `hardware services could not be reached: ${reasons.join(', ')}`;
  return new BitwrightError('unavailable', 'HARDWARE_UNREACHABLE', message, { cause: failures[0]?.error });
}

function unknownHardware(name: string, names: readonly string[]): BitwrightError {
  const message = `there is no hardware "${name}"; there is ${names.length === 0 ? 'none' : [...names].sort().join(', ')}`;
  return new BitwrightError('not_found', 'HARDWARE_UNKNOWN', message);
}
