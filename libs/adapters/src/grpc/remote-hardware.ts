import {
  fromWireCostTable,
  fromWireFeedback,
  fromWireHardwareCapabilities,
  type HardwareServiceDefinition,
  type hardwareProto,
  readAnswer,
  toWireHardwareOptions,
  toWireLayers,
  toWirePolicy,
} from '@bitwright/contracts';
import {
  BitwrightError,
  type CostTable,
  type Hardware,
  type HardwareCapabilities,
  type HardwareFeedback,
  type HardwareOptions,
  type Layer,
  type PrecisionPolicy,
} from '@bitwright/core';
import { type GrpcClient, withSignal } from '@bitwright/service-kit';
import { createInFlightWindow } from './in-flight-window.js';

export type HardwareClient = GrpcClient<typeof HardwareServiceDefinition>;
type Policies = AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>;

/** Policies sent and not yet answered, at most. */
const WINDOW = 64;

/** A hardware target served over gRPC. */
export class RemoteHardware implements Hardware {
  readonly #client: HardwareClient;
  readonly #name: string;

  constructor(client: HardwareClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async describe(signal?: AbortSignal): Promise<HardwareCapabilities> {
    const { capabilities } = await this.#client.getCapabilities({ hardware: this.#name }, withSignal(signal));
    const own = capabilities.find(({ name }) => name === this.#name);
    if (own === undefined)
      throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `${this.#name} is not served here`);
    return readAnswer(() => fromWireHardwareCapabilities(own, 'capabilities'));
  }

  async tabulate(layers: readonly Layer[], options: HardwareOptions = {}): Promise<CostTable> {
    const { table } = await this.#client.tabulate(this.#setup(layers, options), withSignal(options.signal));
    return readAnswer(() => fromWireCostTable(table, 'table'));
  }

  async *evaluate(
    layers: readonly Layer[],
    policies: Policies,
    options: HardwareOptions = {},
  ): AsyncGenerator<HardwareFeedback> {
    const window = createInFlightWindow(WINDOW);
    const setup = this.#setup(layers, options);
    const requests = async function* (): AsyncGenerator<hardwareProto.EvaluateRequest> {
      yield { request: { $case: 'setup', value: setup } };
      for await (const policy of policies) {
        if (!(await window.enter())) return;
        yield { request: { $case: 'policy', value: toWirePolicy(policy) } };
      }
    };
    try {
      for await (const answer of this.#client.evaluate(requests(), withSignal(options.signal))) {
        window.leave();
        yield readAnswer(() => fromWireFeedback(answer, 'feedback'));
      }
    } finally {
      window.close();
    }
  }

  #setup(layers: readonly Layer[], options: HardwareOptions): hardwareProto.EvaluateSetup {
    return { hardware: this.#name, layers: toWireLayers(layers), ...toWireHardwareOptions(options) };
  }
}
