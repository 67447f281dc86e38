import { createRandomSource, type Model, type ParameterTensor, roundHalfToEven } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportQdq, type LayerQuantization, qdqOpset } from '../index.js';
import { runNaively } from '../test-support/naive-network.js';
import { runOnnx } from '../test-support/run-onnx.js';

/** A 1 x 1 image of `channels`, through a fully connected layer: with the identity as weight it gives its input back. */
function vectorModel(weight: ParameterTensor): Model {
  const [outFeatures = 0, channels = 0] = weight.shape;
  const input = { height: 1, width: 1, channels };
  return {
    network: {
      name: 'vector',
      input,
      classes: outFeatures,
      nodes: [
        { id: 'input', operation: { kind: 'input' }, inputs: [], output: input },
        {
          id: 'layer',
          operation: { kind: 'fully-connected', outFeatures, bias: false },
          inputs: ['input'],
          output: { ...input, channels: outFeatures },
        },
      ],
    },
    parameters: new Map([['layer.weight', weight]]),
  };
}

function identity(size: number): ParameterTensor {
  const values = Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 1 : 0));
  return { shape: [size, size], values };
}

const float = { kind: 'float' } as const;
const run = (model: Model, layer: Omit<LayerQuantization, 'node'>, image: Float32Array, int4 = false) =>
  runOnnx(exportQdq(model, [{ node: 'layer', ...layer }], { int4 }), image, [image.length, 1, 1]);

/** What the quantizers library computes: x / scale in float32, half to even, clipped, times scale in float32. */
function simulate(value: number, bits: number, scale: number, signed: boolean): number {
  if (signed && bits === 1) return value < 0 ? -scale : scale;
  const highest = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  const code = Math.min(Math.max(roundHalfToEven(Math.fround(value / scale)), signed ? -highest : 0), highest);
  return Math.fround(code * scale) + 0;
}

const positiveZero = (values: ArrayLike<number>) => Array.from(values, (value) => value + 0);

describe('exportQdq', () => {
  it('quantizes activations in ONNX Runtime bit for bit as simulated, at every precision, ties and clipping included', async () => {
    const cases = fc.record({
      bits: fc.integer({ min: 1, max: 8 }),
      signed: fc.boolean(),
      scale: fc.float({ min: Math.fround(1e-3), max: 2, noNaN: true }),
      steps: fc.array(fc.double({ min: -300, max: 300, noNaN: true }), { minLength: 4, maxLength: 4 }),
      halves: fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 4, maxLength: 4 }),
    });
    const model = vectorModel(identity(8));
    await fc.assert(
      fc.asyncProperty(cases, async ({ bits, signed, scale, steps, halves }) => {
        const inputs = Float32Array.from([...steps, ...halves.map((half) => half / 2)], (step) => step * scale);
        const activation = { kind: 'linear', bits, scale, signed } as const;
        const outputs = await run(model, { weight: float, activation }, inputs);
        expect(positiveZero(outputs)).toEqual(Array.from(inputs, (value) => simulate(value, bits, scale, signed)));
      }),
      { numRuns: 150 },
    );
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'stores %i-bit weights on their own grid, per channel and per tensor',
    async (bits) => {
      const random = createRandomSource(bits);
      const values = Float32Array.from({ length: 12 }, () => random.normal());
      const model = vectorModel({ shape: [4, 3], values });
      for (const scales of [Float32Array.of(0.1), Float32Array.of(0.1, 0.03, 0.5, 0.011)]) {
        const expected = Array.from(values, (value, index) =>
          simulate(value, bits, scales[scales.length === 1 ? 0 : Math.floor(index / 3)] as number, true),
        );
        for (const int4 of [false, true]) {
          for (let column = 0; column < 3; column += 1) {
            const image = Float32Array.from({ length: 3 }, (_, index) => (index === column ? 1 : 0));
            const outputs = await run(
              model,
              { weight: { kind: 'linear', bits, scales }, activation: float },
              image,
              int4,
            );
            expect(positiveZero(outputs)).toEqual(expected.filter((_, index) => index % 3 === column));
          }
        }
      }
    },
  );

  it('gathers codebook weights', async () => {
    const entries = Float32Array.of(-0.7, 0.01, 0.4);
    const model = vectorModel({ shape: [2, 2], values: Float32Array.of(-0.6, 0.1, 0.3, -5) });
    const layer = { weight: { kind: 'codebook', entries }, activation: float } as const;
    expect(await run(model, layer, Float32Array.of(1, 0))).toEqual(Float32Array.of(-0.7, 0.4));
    expect(await run(model, layer, Float32Array.of(0, 1))).toEqual(Float32Array.of(0.01, -0.7));
  });

  it("multiplies entries by their output channel's scale", async () => {
    const [entries, scales] = [Float32Array.of(-1, 0.25, 1), Float32Array.of(2, 0.5)];
    const model = vectorModel({ shape: [2, 2], values: Float32Array.of(-1.9, 0.4, 0.1, -5) });
    const layer = { weight: { kind: 'codebook', entries, scales }, activation: float } as const;
    expect(await run(model, layer, Float32Array.of(1, 0))).toEqual(Float32Array.of(-2, 0.125));
    expect(await run(model, layer, Float32Array.of(0, 1))).toEqual(Float32Array.of(0.5, -0.5));
  });

  it('computes a quantized residual network as simulated, with tensors shared by layers of other precisions', async () => {
    const { model, layers, image } = residualCase();
    const simulated = simulateNetwork(model, layers, image);
    for (const int4 of [false, true]) {
      const outputs = await runOnnx(exportQdq(model, layers, { int4 }), image, [1, 4, 4]);
      for (const [index, value] of outputs.entries()) expect(value).toBeCloseTo(simulated[index] as number, 4);
    }
  });

  it('keeps runtimes from quantizing weights that are in float, or in a codebook, between quantized tensors', async () => {
    const { model, layers, image } = chainCase();
    const inFloat = layers.map((layer) => ({ ...layer, weight: float }));
    const simulated = simulateNetwork(model, inFloat, image);
    const entries = (id: string) => model.parameters.get(`${id}.weight`)?.values.slice().sort() ?? expect.fail(id);
    const inCodebooks = layers.map((layer) => ({
      ...layer,
      weight: { kind: 'codebook', entries: entries(layer.node) } as const,
    }));
    for (const same of [inFloat, inCodebooks]) {
      const outputs = await runOnnx(exportQdq(model, same), image, [1, 4, 4]);
      for (const [index, value] of outputs.entries()) expect(value).toBeCloseTo(simulated[index] as number, 4);
    }
  });

  it('takes the place of float weights: 4-bit codes need an eighth of the bytes', () => {
    const values = new Float32Array(64 * 64).fill(0.5);
    const model = vectorModel({ shape: [64, 64], values });
    const weight = { kind: 'linear', bits: 4, scales: Float32Array.of(0.1) } as const;
    const bytes = (int4: boolean) => exportQdq(model, [{ node: 'layer', weight, activation: float }], { int4 }).length;
    expect(bytes(false)).toBeLessThan(values.length + 1000);
    expect(bytes(true)).toBeLessThan(values.length / 2 + 1000);
    expect([qdqOpset(), qdqOpset({ int4: true })]).toEqual([17, 21]);
  });

  it('refuses a layer that the network does not have', () => {
    const layer = { node: 'other', weight: float, activation: float };
    expect(() => exportQdq(vectorModel(identity(2)), [layer])).toThrowError(/no layer "other"/);
  });
});

/** Two convolutions that read one rectified tensor at different precisions, added, then a classifier. */
function residualCase(): { model: Model; layers: LayerQuantization[]; image: Float32Array } {
  const shape = { height: 4, width: 4, channels: 3 };
  const convolution = (kernel: number, groups: number) =>
    ({
      kind: 'convolution',
      outChannels: 3,
      kernelHeight: kernel,
      kernelWidth: kernel,
      strideHeight: 1,
      strideWidth: 1,
      padding: { top: (kernel - 1) / 2, left: (kernel - 1) / 2, bottom: (kernel - 1) / 2, right: (kernel - 1) / 2 },
      groups,
      bias: true,
    }) as const;
  const vector = { height: 1, width: 1, channels: 3 };
  const nodes: Model['network']['nodes'] = [
    { id: 'input', operation: { kind: 'input' }, inputs: [], output: { ...shape, channels: 1 } },
    { id: 'stem', operation: convolution(3, 1), inputs: ['input'], output: shape },
    { id: 'relu', operation: { kind: 'relu6' }, inputs: ['stem'], output: shape },
    { id: 'left', operation: convolution(3, 3), inputs: ['relu'], output: shape },
    { id: 'right', operation: convolution(1, 1), inputs: ['relu'], output: shape },
    { id: 'sum', operation: { kind: 'add' }, inputs: ['left', 'right'], output: shape },
    { id: 'pool', operation: { kind: 'global-average-pool' }, inputs: ['sum'], output: vector },
    {
      id: 'classifier',
      operation: { kind: 'fully-connected', outFeatures: 3, bias: true },
      inputs: ['pool'],
      output: vector,
    },
  ];
  const random = createRandomSource(3);
  const tensor = (...sizes: number[]) => ({
    shape: sizes,
    values: Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => random.normal()),
  });
  const weights = {
    stem: tensor(3, 1, 3, 3),
    left: tensor(3, 1, 3, 3),
    right: tensor(3, 3, 1, 1),
    classifier: tensor(3, 3),
  };
  const parameters = new Map(
    Object.entries(weights).flatMap(
      ([id, weight]) =>
        [
          [`${id}.weight`, weight],
          [`${id}.bias`, tensor(3)],
        ] as const,
    ),
  );
  const layer = (node: string, weightBits: number, bits: number, signed: boolean): LayerQuantization => ({
    node,
    weight: { kind: 'linear', bits: weightBits, scales: Float32Array.of(0.3, 0.25, 0.4) },
    activation: { kind: 'linear', bits, signed, scale: Math.fround(5 / (2 ** (signed ? bits - 1 : bits) - 1)) },
  });
  const layers = [
    layer('stem', 8, 8, true),
    layer('left', 3, 4, false),
    layer('right', 4, 2, false),
    layer('classifier', 1, 5, true),
  ];
  const image = Float32Array.from({ length: 16 }, () => random.normal());
  return {
    model: { network: { name: 'residual', input: { ...shape, channels: 1 }, classes: 3, nodes }, parameters },
    layers,
    image,
  };
}

/** The same without the branch on the right, convolutions unsigned at 8 bits: one's output is the other's input. */
function chainCase(): ReturnType<typeof residualCase> {
  const { model, layers, image } = residualCase();
  const nodes = model.network.nodes
    .filter(({ id }) => id !== 'right' && id !== 'sum')
    .map((node) => (node.id === 'relu' ? { ...node, operation: { kind: 'relu' } as const } : node))
    .map((node) => (node.id === 'pool' ? { ...node, inputs: ['left'] } : node));
  const activation = { kind: 'linear', bits: 8, signed: false, scale: Math.fround(5 / 255) } as const;
  return {
    model: { ...model, network: { ...model.network, nodes } },
    layers: layers.filter(({ node }) => ['stem', 'left'].includes(node)).map((layer) => ({ ...layer, activation })),
    image,
  };
}

/** The network by plain loops, with weights and layers' inputs quantized as `layers` say. */
function simulateNetwork(model: Model, layers: readonly LayerQuantization[], image: Float32Array): Float64Array {
  return runNaively(model.network, quantizeParameters(model, layers), image, (node, values) => {
    const activation = layers.find((layer) => layer.node === node)?.activation;
    if (activation?.kind !== 'linear') return values;
    return values.map((value) => simulate(Math.fround(value), activation.bits, activation.scale, activation.signed));
  });
}

function quantizeParameters({ parameters }: Model, layers: readonly LayerQuantization[]): Model['parameters'] {
  const quantized = new Map(parameters);
  for (const { node, weight } of layers) {
    const tensor = parameters.get(`${node}.weight`);
    if (tensor === undefined || weight.kind !== 'linear') continue;
    const perChannel = tensor.values.length / weight.scales.length;
    const values = tensor.values.map((value, index) =>
      simulate(value, weight.bits, weight.scales[Math.floor(index / perChannel)] as number, true),
    );
    quantized.set(`${node}.weight`, { ...tensor, values });
  }
  return quantized;
}
