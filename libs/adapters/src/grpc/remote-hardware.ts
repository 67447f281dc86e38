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

export type RemoteHardwareOptions = {
  /** Where it is served, for messages. */
  readonly address: string;
  /** Told when the target turns out not to be there: no answer, or no such target. */
  readonly onAway: () => void;
};

/** A hardware target served over gRPC. */
export class RemoteHardware implements Hardware {
  readonly #client: HardwareClient;
  readonly #name: string;
  readonly #options: RemoteHardwareOptions;

  constructor(client: HardwareClient, name: string, options: RemoteHardwareOptions) {
    this.#client = client;
    this.#name = name;
    this.#options = options;
  }

  async describe(signal?: AbortSignal): Promise<HardwareCapabilities> {
    const request = { hardware: this.#name };
    const { capabilities } = await this.#explain(this.#client.getCapabilities(request, withSignal(signal)));
    const own = capabilities.find(({ name }) => name === this.#name);
    if (own === undefined)
      throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `${this.#name} is not served here`);
    return readAnswer(() => fromWireHardwareCapabilities(own, 'capabilities'));
  }

  async tabulate(layers: readonly Layer[], options: HardwareOptions = {}): Promise<CostTable> {
    const request = this.#setup(layers, options);
    const { table } = await this.#explain(this.#client.tabulate(request, withSignal(options.signal)));
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
    } catch (error) {
      throw this.#noteAbsence(error);
    } finally {
      window.close();
    }
  }

  async #explain<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw this.#noteAbsence(error);
    }
  }

  /** The error of a call; one that says that nobody is there names target and address. */
  #noteAbsence(error: unknown): unknown {
    if (!(error instanceof BitwrightError)) return error;
    const { address, onAway } = this.#options;
    if (error.kind === 'unavailable' || error.kind === 'not_found') onAway();
    if (error.kind !== 'unavailable') return error;
    const message = `hardware "${this.#name}" at ${address} does not answer (${error.message})`;
    return new BitwrightError(error.kind, error.reason, message, { cause: error });
  }

  #setup(layers: readonly Layer[], options: HardwareOptions): hardwareProto.EvaluateSetup {
    return { hardware: this.#name, layers: toWireLayers(layers), ...toWireHardwareOptions(options) };
  }
}
