import { BitwrightError, type HardwareFeedback, type PrecisionPolicy, uniformPolicy } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import type { Accelerator } from './accelerator.js';
import { createLocalHardware } from './local-hardware.js';
import { createBitProductAccelerator } from './testing/bit-product-accelerator.js';
import { describeAccelerator } from './testing/describe-accelerator.js';
import { convolutionLayer, SAMPLE_LAYERS } from './testing/sample-layers.js';

describeAccelerator(createBitProductAccelerator());

const eight = uniformPolicy(SAMPLE_LAYERS.length, 8);

async function collect(feedbacks: AsyncIterable<HardwareFeedback>): Promise<HardwareFeedback[]> {
  const all: HardwareFeedback[] = [];
  for await (const feedback of feedbacks) all.push(feedback);
  return all;
}

describe('local hardware', () => {
  it('computes each shape, pair of bits and batch once, however often it is asked', async () => {
    const accelerator = createBitProductAccelerator();
    const hardware = createLocalHardware(accelerator);
    const twins = [...SAMPLE_LAYERS, ...SAMPLE_LAYERS].map((layer, index) => ({ ...layer, index }));
    await hardware.tabulate(twins);
    expect(accelerator.calls).toHaveLength(SAMPLE_LAYERS.length * 3 * 2);
    await collect(hardware.evaluate(SAMPLE_LAYERS, [eight, eight]));
    expect(accelerator.calls).toHaveLength(SAMPLE_LAYERS.length * 3 * 2);
    await hardware.tabulate(SAMPLE_LAYERS, { batch: 2 });
    expect(accelerator.calls).toHaveLength(2 * SAMPLE_LAYERS.length * 3 * 2);
  });

  it('gives one feedback per policy, in order, from a plain or an asynchronous source', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const policies = [uniformPolicy(SAMPLE_LAYERS.length, 2, 4), eight, uniformPolicy(SAMPLE_LAYERS.length, 4)];
    const plain = await collect(hardware.evaluate(SAMPLE_LAYERS, policies));
    const [narrow, wide, middle] = plain.map(({ latencyMs }) => latencyMs) as [number, number, number];
    expect([narrow, middle]).toEqual([wide / 8, wide / 4].map((value) => expect.closeTo(value, 9)));
    async function* arriving() {
      yield* policies;
    }
    expect(await collect(hardware.evaluate(SAMPLE_LAYERS, arriving()))).toEqual(plain);
  });

  it('reports a layer that cannot run and prices the others; refuses when none can', async () => {
    const toy = createBitProductAccelerator();
    const refuse = (): never => {
      throw new BitwrightError('unsupported', 'OPERATOR', 'there is no kernel for depthwise layers');
    };
    const picky: Accelerator = {
      ...toy,
      layerCost: (layer, ...rest) => (layer.kind === 'depthwise' ? refuse() : toy.layerCost(layer, ...rest)),
    };
    const table = await createLocalHardware(picky).tabulate(SAMPLE_LAYERS);
    const depthwise = SAMPLE_LAYERS.filter(({ kind }) => kind === 'depthwise');
    expect(table.failures).toEqual(
      depthwise.map(({ index, name }) => ({
        layer: index,
        message: `layer ${index} (${name}): there is no kernel for depthwise layers`,
      })),
    );
    for (const { index } of SAMPLE_LAYERS) {
      const isHole = table.cells[index]?.flat().every((cell) => cell === undefined);
      expect(isHole).toBe(depthwise.some((layer) => layer.index === index));
    }
    const alone = createLocalHardware(picky).tabulate(depthwise.map((layer, index) => ({ ...layer, index })));
    await expect(alone).rejects.toMatchObject({ kind: 'unsupported', reason: 'OPERATOR' });
  });

  it('gives whole-batch and per-image figures', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const [feedback] = await collect(hardware.evaluate(SAMPLE_LAYERS, [eight], { batch: 4 }));
    expect(feedback?.batch).toBe(4);
    expect(feedback?.latencyPerImageMs).toBe((feedback?.latencyMs as number) / 4);
    expect(feedback?.energyMj).toBeUndefined();
  });

  it('gives no total of energy or traffic where a counted layer has none', async () => {
    const partial = (unknownKind: string): Accelerator => {
      const whole = createBitProductAccelerator({ metrics: ['latency', 'energy'] });
      return {
        capabilities: whole.capabilities,
        layerCost: (layer, ...rest) => {
          const known = layer.kind !== unknownKind;
          return { ...whole.layerCost(layer, ...rest), energyMj: 1, ...(known ? {} : { trafficBytes: undefined }) };
        },
      };
    };
    const totals = async (unknownKind: string) =>
      (await collect(createLocalHardware(partial(unknownKind)).evaluate(SAMPLE_LAYERS, [eight])))[0];
    expect((await totals('none'))?.trafficBytes).toBe(16 * SAMPLE_LAYERS.length);
    expect((await totals('depthwise'))?.trafficBytes).toBeUndefined();
    expect((await totals('depthwise'))?.energyMj).toBe(SAMPLE_LAYERS.length);
  });

  it('names the field of every layer that no hardware could run', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const good = convolutionLayer({ inChannels: 8, outChannels: 8, size: 4 });
    const bad = [
      good,
      { ...good, outChannels: Number.NaN },
      { ...good, groups: 3 },
      { ...good, kind: 'spiral' as 'pointwise' },
    ];
    const error = await hardware.tabulate(bad).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'invalid_argument' });
    const fields = (error as { violations: { field: string }[] }).violations.map(({ field }) => field);
    expect(fields).toEqual(['layers[1].outChannels', 'layers[2].groups', 'layers[3].kind']);
  });

  it('refuses a network without layers and layers that are too large to count', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    await expect(hardware.tabulate([])).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'LAYERS_EMPTY' });
    const huge = convolutionLayer({ inChannels: 1e6, outChannels: 1e6, size: 1e4 });
    await expect(hardware.tabulate([huge])).rejects.toMatchObject({
      kind: 'invalid_argument',
      reason: 'LAYER_INVALID',
    });
  });

  it('names the layer whose bits the accelerator cannot run', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const odd = {
      ...eight,
      layers: eight.layers.map((bits, index) => (index === 2 ? { ...bits, weightBits: 3 } : bits)),
    };
    await expect(collect(hardware.evaluate(SAMPLE_LAYERS, [odd]))).rejects.toMatchObject({
      kind: 'unsupported',
      reason: 'PRECISION_UNSUPPORTED',
      message: expect.stringMatching(/^layer 2 \(2-pointwise\): bit-product cannot run 3-bit weights/),
    });
  });

  it('refuses a count that would leave no layer, and says what to use', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator({ defaultCounted: 'without-first-and-last' }));
    const two = SAMPLE_LAYERS.slice(0, 2);
    await expect(hardware.tabulate(two)).rejects.toThrow(/use "all"/);
    expect((await hardware.tabulate(two, { counted: 'all' })).counted).toEqual([true, true]);
  });
});

describe('cancelling an evaluation', () => {
  it('ends it while the next policy is awaited, and closes the source', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const controller = new AbortController();
    let closed = false;
    const silent: AsyncIterable<PrecisionPolicy> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          closed = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const work = collect(hardware.evaluate(SAMPLE_LAYERS, silent, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 5);
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' });
    expect(closed).toBe(true);
  });

  it('gets through while policies never end, because timers keep running', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    const controller = new AbortController();
    function* endless() {
      while (true) yield eight;
    }
    setTimeout(() => controller.abort(), 20);
    const drain = async () => {
      for await (const _ of hardware.evaluate(SAMPLE_LAYERS, endless(), { signal: controller.signal }));
    };
    await expect(drain()).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('closes the source when the reader stops early', async () => {
    const hardware = createLocalHardware(createBitProductAccelerator());
    let closed = false;
    function* policies() {
      try {
        while (true) yield eight;
      } finally {
        closed = true;
      }
    }
    for await (const _ of hardware.evaluate(SAMPLE_LAYERS, policies())) break;
    expect(closed).toBe(true);
  });
});
