import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveLayers, type LayerPrecision, type Network, type Operation, outputShape } from '@bitwright/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportForTiming, exportLayer } from './export-for-timing.js';
import { layerNetwork, type TimedLayer } from './layer-network.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-timing-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const INT8: LayerPrecision = { weightBits: 8, activationBits: 8 };
const FLOAT: LayerPrecision = { weightBits: 32, activationBits: 32 };

const sizes = { kernelHeight: 3, kernelWidth: 3, stride: 1, groups: 1, inputHeight: 8, inputWidth: 8 };
const layer: TimedLayer = {
  ...{ kind: 'convolution', inChannels: 16, outChannels: 24, ...sizes, outputHeight: 8, outputWidth: 8 },
};

/** What ONNX Runtime ran for one image, by operator, and what came out. */
async function run(file: Uint8Array) {
  const session = await InferenceSession.create(file, {
    ...{ intraOpNumThreads: 1, graphOptimizationLevel: 'all', logSeverityLevel: 3 },
    ...{ enableProfiling: true, profileFilePrefix: join(folder, 'profile'), freeDimensionOverrides: { batch: 1 } },
  });
  const { shape } = session.inputMetadata[0] as { shape: readonly (number | string)[] };
  const dims = [1, ...shape.slice(1).map(Number)];
  const count = dims.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index));
  const outputs = await session.run({ [session.inputNames[0] as string]: new Tensor('float32', values, dims) });
  session.endProfiling();
  await session.release();
  const operators: Record<string, number> = {};
  for (const name of await profiledOperators()) operators[name] = (operators[name] ?? 0) + 1;
  return { operators, output: Object.values(outputs)[0]?.data as Float32Array };
}

async function profiledOperators(): Promise<readonly string[]> {
  const [name = ''] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, name), 'utf8')) as readonly {
    readonly name: string;
    readonly args?: { readonly op_name?: string };
  }[];
  await rm(join(folder, name));
  return events.filter((event) => event.name.endsWith('_kernel_time')).map(({ args }) => args?.op_name ?? '');
}

/** Convolution, a residual block with a linear end, pool, classifier: what keeps integer kernels from being used. */
function residualNetwork(): Network {
  const input = { height: 8, width: 8, channels: 4 };
  const stride = { kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1, groups: 1, bias: false };
  const padding = { top: 0, left: 0, bottom: 0, right: 0 };
  const convolution = (outChannels: number): Operation => ({ kind: 'convolution', outChannels, padding, ...stride });
  const normalization: Operation = { kind: 'batch-normalization', epsilon: 1e-5 };
  const steps: readonly [id: string, operation: Operation, ...inputs: string[]][] = [
    ['stem', convolution(16), 'input'],
    ['stem.norm', normalization, 'stem'],
    ['stem.relu', { kind: 'relu6' }, 'stem.norm'],
    ['expand', convolution(32), 'stem.relu'],
    ['expand.relu', { kind: 'relu6' }, 'expand'],
    ['project', convolution(16), 'expand.relu'],
    ['project.norm', normalization, 'project'],
    ['add', { kind: 'add' }, 'stem.relu', 'project.norm'],
    ['pool', { kind: 'global-average-pool' }, 'add'],
    ['classifier', { kind: 'fully-connected', outFeatures: 10, bias: true }, 'pool'],
  ];
  const shapes = new Map([['input', input]]);
  const nodes: Network['nodes'][number][] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: input }];
  for (const [id, operation, ...inputs] of steps) {
    const output = outputShape(operation, shapes.get(inputs[0] ?? '') ?? input);
    shapes.set(id, output);
    nodes.push({ id, operation, inputs, output });
  }
  return { name: 'residual', input, classes: 10, nodes };
}

const network = residualNetwork();
const uniform = (precision: LayerPrecision) => deriveLayers(network).map(() => precision);

describe('a network to be timed', () => {
  it('runs wholly in integer kernels at 8 bits, and in float kernels at none', async () => {
    const integer = await run(exportForTiming(network, uniform(INT8)));
    expect(integer.operators).toMatchObject({ QLinearConv: 3, QGemm: 1, QLinearAdd: 1 });
    expect(integer.operators['Conv'] ?? integer.operators['FusedConv'] ?? integer.operators['Gemm']).toBeUndefined();
    const float = await run(exportForTiming(network, uniform(FLOAT)));
    expect(float.operators['Conv']).toBe(3);
    expect(float.operators['QuantizeLinear']).toBeUndefined();
    for (const { output } of [integer, float]) {
      expect(output).toHaveLength(10);
      expect(output.every(Number.isFinite)).toBe(true);
    }
  });

  it('computes nearly the same in both, so that its values are neither lost nor saturated', async () => {
    const [integer, float] = [
      await run(exportForTiming(network, uniform(INT8))),
      await run(exportForTiming(network, uniform(FLOAT))),
    ];
    const largest = Math.max(...float.output.map(Math.abs));
    expect(largest).toBeGreaterThan(0.01);
    float.output.forEach((value, index) => {
      expect(Math.abs(value - (integer.output[index] as number))).toBeLessThan(0.25 * largest);
    });
  });

  it('mixes both: only what a quantized layer gives or reads is quantized', async () => {
    const precisions = uniform(FLOAT).map((precision, index) => (index === 1 ? INT8 : precision));
    const { operators } = await run(exportForTiming(network, precisions));
    expect(operators).toMatchObject({ QLinearConv: 1, Conv: 2 });
  });

  it('keeps a layer in float that stands between quantized ones', async () => {
    const precisions = uniform(INT8).map((precision, index) => (index === 1 ? FLOAT : precision));
    const { operators } = await run(exportForTiming(network, precisions));
    expect(operators).toMatchObject({ QLinearConv: 2, Conv: 1 });
  });

  it('refuses a policy of another length', () => {
    expect(() => exportForTiming(network, [INT8])).toThrow('has 1 layers, the network has 4 quantizable layers');
  });
});

describe('a layer to be timed', () => {
  const depthwise = { ...layer, kind: 'depthwise', outChannels: 16, groups: 16 } as const;
  const strided = { ...layer, stride: 2, outputHeight: 4, outputWidth: 4 };
  const point = { kernelHeight: 1, kernelWidth: 1, inputHeight: 1, inputWidth: 1, outputHeight: 1, outputWidth: 1 };
  const connected = { ...layer, ...point, kind: 'fully-connected', inChannels: 70, outChannels: 10 } as const;

  it.each([layer, depthwise, strided, connected])('keeps its shape: $kind, stride $stride', (asked) => {
    expect(deriveLayers(layerNetwork(asked))[0]).toMatchObject(asked);
    expect(deriveLayers(layerNetwork({ ...asked, inputSigned: true }))[0]?.inputSigned).toBe(true);
  });

  it.each([layer, depthwise, strided])('runs in one integer kernel: $kind, stride $stride', async (asked) => {
    const { operators } = await run(exportLayer(asked, INT8));
    expect(operators['QLinearConv']).toBe(1);
    expect(operators['Conv'] ?? operators['FusedConv']).toBeUndefined();
    expect((await run(exportLayer({ ...asked, inputSigned: true }, INT8))).operators['QLinearConv']).toBe(1);
  });

  it('reads images as a realized network does: columns as channels, or channels of zeros', async () => {
    const images = { ...layer, inChannels: 3, inputSigned: true };
    const grouped = await run(exportLayer(images, INT8));
    expect(grouped.operators).toMatchObject({ Reshape: 3, QLinearConv: 1 });
    expect(grouped.operators['Pad']).toBeUndefined();
    expect(grouped.output).toHaveLength(24 * 8 * 8);
    const narrow = { ...images, inputWidth: 7, outputWidth: 7 };
    const padded = await run(exportLayer(narrow, INT8));
    expect(padded.operators).toMatchObject({ Pad: 1, QLinearConv: 1 });
    expect(padded.operators['Reshape']).toBeUndefined();
    for (const [one, precision] of [
      [images, FLOAT],
      [narrow, FLOAT],
      [{ ...images, inChannels: 5 }, INT8],
    ] as const) {
      const { operators } = await run(exportLayer(one, precision));
      expect([operators['Pad'], operators['Reshape']]).toEqual([undefined, undefined]);
    }
  });

  it('computes nearly the same from columns as in float', async () => {
    const images = { ...layer, inChannels: 3, inputSigned: true };
    const [grouped, float] = [await run(exportLayer(images, INT8)), await run(exportLayer(images, FLOAT))];
    const largest = Math.max(...float.output.map(Math.abs));
    float.output.forEach((value, index) => {
      expect(Math.abs(value - (grouped.output[index] as number))).toBeLessThan(0.1 * largest);
    });
  });

  it('has kernels for 8 and for 4-bit weights where it is fully connected', async () => {
    expect((await run(exportLayer(connected, INT8))).operators['QGemm']).toBe(1);
    const narrow = exportLayer(connected, { weightBits: 4, activationBits: 8 }, { matMulNBits: true });
    expect((await run(narrow)).operators['MatMulNBits']).toBe(1);
  });

  it('can be written at any bits', async () => {
    for (const bits of [1, 2, 3, 5, 7]) {
      const { output } = await run(exportLayer(layer, { weightBits: bits, activationBits: bits }));
      expect(output.every(Number.isFinite)).toBe(true);
    }
  });

  it('is refused where no padding makes its sizes fit', () => {
    expect(() => exportLayer({ ...layer, outputHeight: 20 }, INT8)).toThrow(
      expect.objectContaining({ kind: 'unsupported', reason: 'LAYER_SIZES' }),
    );
  });
});
