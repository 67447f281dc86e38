import { setTimeout as sleep } from 'node:timers/promises';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import {
  BitwrightError,
  type CostTable,
  type Hardware,
  type HardwareCapabilities,
  type HardwareCatalog,
  type HardwareFeedback,
  type HardwareOptions,
  type Layer,
  type LayerCost,
  type PrecisionPolicy,
  uniformPolicy,
} from '@bitwright/core';
import { createChannel, createClient, createServer } from '@bitwright/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RemoteHardwareCatalog } from './remote-hardware-catalog.js';
import { hardwareHandlers } from './serve-hardware.js';

const layer: Layer = {
  ...{ index: 0, name: 'conv', kind: 'convolution', inChannels: 3, outChannels: 8, kernelHeight: 3, kernelWidth: 3 },
  ...{
    stride: 1,
    groups: 1,
    inputHeight: 8,
    inputWidth: 8,
    outputHeight: 8,
    outputWidth: 8,
    macs: 13824,
    weights: 216,
  },
  ...{ inputElements: 192, outputElements: 512, inputTensor: 'input', inputSigned: false },
};
const layers = (count: number): Layer[] => Array.from({ length: count }, (_, index) => ({ ...layer, index }));

/** Latency is weight bits x batch, so that answers tell what was asked. */
class FakeHardware implements Hardware {
  readonly name: string;
  received = 0;
  signal: AbortSignal | undefined;
  closed = false;
  /** What an evaluation takes, given the call's signal. */
  work: (signal: AbortSignal | undefined) => Promise<void> = () => Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  describe(): Promise<HardwareCapabilities> {
    return Promise.resolve({
      ...{ name: this.name, description: 'a fake', version: '1', provenance: 'simulated', metrics: ['latency'] },
      ...{ weightBits: [1, 2, 3, 4, 5, 6, 7, 8], activationBits: [1, 2, 3, 4, 5, 6, 7, 8], defaultBatch: 16 },
      ...{ maximumBatch: 64, defaultCounted: 'without-first-and-last', additive: true, validation: [] },
    } satisfies HardwareCapabilities);
  }

  async tabulate(asked: readonly Layer[], { batch = 16, counted, signal }: HardwareOptions = {}): Promise<CostTable> {
    this.signal = signal;
    if (batch > 64) throw new BitwrightError('unsupported', 'BATCH', 'too many images');
    const bits = [1, 2, 3, 4, 5, 6, 7, 8];
    const cells = asked.map(() =>
      bits.map((weightBits) => bits.map((activationBits) => cost(weightBits * batch, weightBits, activationBits))),
    );
    return {
      hardware: this.name,
      batch,
      weightBits: bits,
      activationBits: bits,
      counted: asked.map(() => counted === 'all'),
      provenance: 'simulated',
      cells,
    };
  }

  async *evaluate(
    asked: readonly Layer[],
    policies: AsyncIterable<PrecisionPolicy> | Iterable<PrecisionPolicy>,
    { batch = 16, signal }: HardwareOptions = {},
  ): AsyncGenerator<HardwareFeedback> {
    this.signal = signal;
    try {
      for await (const { layers: bits } of policies) {
        this.received += 1;
        await this.work(signal);
        const costs = bits.map(({ weightBits, activationBits }) =>
          cost(weightBits * batch, weightBits, activationBits),
        );
        const latencyMs = costs.reduce((sum, { latencyMs: ms }) => sum + ms, 0);
        const totals = { latencyMs, latencyPerImageMs: latencyMs / batch, energyMj: undefined, trafficBytes: 1 };
        yield { hardware: this.name, batch, counted: asked.map(() => true), ...totals, layers: costs };
      }
    } finally {
      this.closed = true;
    }
  }
}

function cost(latencyMs: number, weightBits: number, activationBits: number): LayerCost {
  const parts = { computeMs: latencyMs, memoryMs: 0, overheadMs: 0, trafficBytes: 1, bound: 'compute' as const };
  return {
    latencyMs,
    energyMj: undefined,
    ...parts,
    executedWeightBits: weightBits,
    executedActivationBits: activationBits,
  };
}

function catalogOf(...targets: Hardware[]): HardwareCatalog {
  return {
    list: (signal) => Promise.all(targets.map((target) => target.describe(signal))),
    open: async (name) => {
      for (const target of targets) if ((await target.describe()).name === name) return target;
      throw new BitwrightError('not_found', 'HARDWARE_UNKNOWN', `there is no hardware "${name}"`);
    },
  };
}

async function serve(...targets: Hardware[]) {
  const server = createServer();
  server.add(HardwareServiceDefinition, hardwareHandlers(catalogOf(...targets)));
  const address = await server.listen('127.0.0.1:0');
  onTestFinished(() => server.close(0));
  return { address, server };
}

function connect(...addresses: string[]): RemoteHardwareCatalog {
  const catalog = new RemoteHardwareCatalog(addresses);
  onTestFinished(() => catalog.close());
  return catalog;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

describe('a remote target', () => {
  it('describes itself and tabulates as the local one does', async () => {
    const local = new FakeHardware('edge');
    const remote = await connect((await serve(local)).address).open('edge');
    expect(await remote.describe()).toEqual(await local.describe());
    expect(await remote.tabulate(layers(53))).toEqual(await local.tabulate(layers(53)));
    const options = { batch: 4, counted: 'all' } as const;
    expect(await remote.tabulate(layers(2), options)).toEqual(await local.tabulate(layers(2), options));
  });

  it('answers each policy in order, many more than are under way at once', async () => {
    const local = new FakeHardware('edge');
    const remote = await connect((await serve(local)).address).open('edge');
    const policies = Array.from({ length: 500 }, (_, index) => uniformPolicy(3, 1 + (index % 8)));
    const answers = await collect(remote.evaluate(layers(3), policies, { batch: 2 }));
    expect(answers).toEqual(await collect(new FakeHardware('edge').evaluate(layers(3), policies, { batch: 2 })));
  });

  it('sends no more than the window ahead of the answers that were read', async () => {
    const remote = await connect((await serve(new FakeHardware('edge'))).address).open('edge');
    let sent = 0;
    const endless = (function* () {
      for (;;) {
        sent += 1;
        yield uniformPolicy(1, 8);
      }
    })();
    let read = 0;
    for await (const _ of remote.evaluate(layers(1), endless)) {
      read += 1;
      await sleep(1);
      expect(sent - read).toBeLessThanOrEqual(66);
      if (read === 200) break;
    }
    await sleep(50);
    expect(sent).toBeLessThan(300);
  });

  it('stops the work when the reader stops reading', async () => {
    const local = new FakeHardware('edge');
    const remote = await connect((await serve(local)).address).open('edge');
    const waiting = async function* () {
      yield uniformPolicy(1, 8);
      await new Promise(() => {});
    };
    for await (const _ of remote.evaluate(layers(1), waiting())) break;
    await expect.poll(() => local.closed).toBe(true);
  });

  it('stops a busy evaluation within a second when the signal fires', async () => {
    const local = new FakeHardware('edge');
    local.work = (signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    const remote = await connect((await serve(local)).address).open('edge');
    const abort = new AbortController();
    const call = collect(remote.evaluate(layers(1), [uniformPolicy(1, 8)], { signal: abort.signal }));
    await expect.poll(() => local.received).toBe(1);
    const startedAt = Date.now();
    abort.abort();
    await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
    await expect.poll(() => local.closed).toBe(true);
    expect(Date.now() - startedAt).toBeLessThan(1000);
    expect(local.signal?.aborted).toBe(true);
  });

  it('passes refusals on with their kind', async () => {
    const remote = await connect((await serve(new FakeHardware('edge'))).address).open('edge');
    await expect(remote.tabulate(layers(1), { batch: 65 })).rejects.toMatchObject({
      kind: 'unsupported',
      reason: 'BATCH',
    });
    await expect(remote.tabulate([])).rejects.toMatchObject({ violations: [{ field: 'request.layers' }] });
    const short = collect(remote.evaluate(layers(2), [uniformPolicy(1, 8)]));
    await expect(short).rejects.toMatchObject({
      kind: 'invalid_argument',
      violations: [{ field: 'request.policy.layers' }],
    });
  });

  it("tells an error of the policies' own source as it is", async () => {
    const remote = await connect((await serve(new FakeHardware('edge'))).address).open('edge');
    const failing = async function* () {
      yield uniformPolicy(1, 8);
      throw new BitwrightError('data_loss', 'SOURCE', 'the source broke');
    };
    await expect(collect(remote.evaluate(layers(1), failing()))).rejects.toMatchObject({ reason: 'SOURCE' });
  });
});

describe('several services', () => {
  it('are one catalog, in which the first of a name counts', async () => {
    const [first, second] = await Promise.all([
      serve(new FakeHardware('edge'), new FakeHardware('cloud')),
      serve(new FakeHardware('edge'), new FakeHardware('board')),
    ]);
    const catalog = connect(first.address, second.address);
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['edge', 'cloud', 'board']);
    expect((await (await catalog.open('board')).describe()).name).toBe('board');
    const unknown = catalog.open('moon');
    await expect(unknown).rejects.toMatchObject({ kind: 'not_found' });
    await expect(unknown).rejects.toThrow('board, cloud, edge');
  });

  it('list what is there while one is away, and do not call its targets unknown', async () => {
    const [first, second] = await Promise.all([serve(new FakeHardware('edge')), serve(new FakeHardware('board'))]);
    await second.server.close(0);
    const catalog = connect(first.address, second.address);
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['edge']);
    await expect(catalog.open('board')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(catalog.open('board')).rejects.toThrow(second.address);
  });

  it('are unavailable when none answers', async () => {
    const { address, server } = await serve(new FakeHardware('edge'));
    await server.close(0);
    await expect(connect(address).list()).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('the service itself', () => {
  it('wants the setup first', async () => {
    const channel = createChannel((await serve(new FakeHardware('edge'))).address);
    onTestFinished(() => channel.close());
    const client = createClient(HardwareServiceDefinition, channel);
    const none = async function* () {};
    await expect(collect(client.evaluate(none()))).rejects.toMatchObject({ reason: 'SETUP_FIRST' });
  });

  it('tabulates 53 layers x 64 pairs in under 100 ms when warm', async () => {
    const remote = await connect((await serve(new FakeHardware('edge'))).address).open('edge');
    for (let warm = 0; warm < 5; warm += 1) await remote.tabulate(layers(53));
    const times: number[] = [];
    for (let run = 0; run < 10; run += 1) {
      const startedAt = performance.now();
      await remote.tabulate(layers(53));
      times.push(performance.now() - startedAt);
    }
    expect(Math.min(...times)).toBeLessThan(100);
  });
});
