import { type costProto, HardwareServiceDefinition, hardwareProto, type networkProto } from '@bitwright/contracts';
import { BitwrightError } from '@bitwright/core';
import { type Channel, createClient, type GrpcClient } from '@bitwright/service-kit';
import { samplePolicy } from './policies.js';
import { patienceOf } from './provenance.js';
import { SAMPLE_LAYERS } from './sample-network.js';

export type HardwareClient = GrpcClient<typeof HardwareServiceDefinition>;
export type Capabilities = hardwareProto.HardwareCapabilities;

/** What one request asks about, in place of the sample network with every default. */
export type Question = {
  readonly layers?: readonly networkProto.Layer[];
  /** 0 for the target's default. */
  readonly batch?: number;
  readonly counted?: hardwareProto.CountedLayers;
};

export type Pair = readonly [weightBits: number, activationBits: number];

/** One target under test, asked in wire messages: a check sees what came, not what a converter made of it. */
export type Target = {
  readonly channel: Channel;
  readonly client: HardwareClient;
  readonly capabilities: Capabilities;
  /** Times by which every limit on waiting is multiplied. */
  readonly patience: number;
  /** Fires when the caller gives up. */
  readonly signal: AbortSignal | undefined;
  setup(question?: Question): hardwareProto.EvaluateSetup;
  tabulate(question?: Question): Promise<costProto.CostTable>;
  /** The table of the sample network with every default; asked for once. */
  defaultTable(): Promise<costProto.CostTable>;
  /** Prices policies that give every layer the same pair of bits, each sent as soon as the service takes it. */
  evaluate(pairs: readonly Pair[], question?: Question): Promise<readonly hardwareProto.EvaluateResponse[]>;
};

/** How long one call to a model may take, ms; one that searches mappings needs seconds. */
const CALL_MS = 60_000;

export function createHardwareClient(channel: Channel, patience = 1): HardwareClient {
  // One try: a service that is away now and then would otherwise pass for one that is there.
  const retry = { attempts: 1, initialMs: 0, factor: 1, longestMs: 0 };
  return createClient(HardwareServiceDefinition, channel, {
    unaryDeadlineMs: patience * CALL_MS,
    streamDeadlineMs: patience * CALL_MS,
    retry,
  });
}

export function createTarget(channel: Channel, capabilities: Capabilities, signal?: AbortSignal): Target {
  const patience = patienceOf(capabilities);
  const client = createHardwareClient(channel, patience);
  const options = signal === undefined ? {} : { signal };
  const setup = ({ layers = SAMPLE_LAYERS, batch = 0, counted }: Question = {}) => ({
    hardware: capabilities.name,
    layers: [...layers],
    batch,
    counted: counted ?? hardwareProto.CountedLayers.COUNTED_LAYERS_UNSPECIFIED,
    network: undefined,
  });
  const tabulate = async (question?: Question) => requireTable(await client.tabulate(setup(question), options));
  const evaluate = async (pairs: readonly Pair[], question?: Question) => {
    const answers = client.evaluate(requestsOf(setup(question), pairs), options);
    return collect(answers);
  };
  let table: Promise<costProto.CostTable> | undefined;
  const defaultTable = () => {
    table ??= tabulate();
    return table;
  };
  return { channel, client, capabilities, patience, signal, setup, tabulate, defaultTable, evaluate };
}

function requireTable({ table }: hardwareProto.TabulateResponse): costProto.CostTable {
  if (table !== undefined) return table;
  throw new BitwrightError('internal', 'TABLE_MISSING', 'Tabulate answered without a table');
}

async function* requestsOf(setup: hardwareProto.EvaluateSetup, pairs: readonly Pair[]) {
  yield setupRequest(setup);
  for (const pair of pairs) yield policyRequest(pair, setup.layers.length);
}

export function setupRequest(setup: hardwareProto.EvaluateSetup): hardwareProto.EvaluateRequest {
  return { request: { $case: 'setup', value: setup } };
}

/** A policy with the same bits in every layer. */
export function policyRequest(pair: Pair, layerCount: number): hardwareProto.EvaluateRequest {
  return { request: { $case: 'policy', value: samplePolicy(pair, layerCount) } };
}

/** All that a stream gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
