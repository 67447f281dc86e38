import { type Model, type Network, outputShape, type Preprocessing } from '@bitwright/core';
import { openDataset, type Samples, selectSamples } from '@bitwright/datasets';
import { type EdgeSearchOptions, finish, foldBatchNormalization, integerTask, searchEdgeBits } from '@bitwright/engine';
import {
  type EdgeBits,
  findHardwarePreset,
  HARDWARE_PRESETS,
  highestBits,
  type IntegerGraph,
  lowerToIntegers,
} from '@bitwright/hago';
import { exportIntegerGraph } from '@bitwright/onnx';
import { readCheckpoint, readRecipes } from '@bitwright/zoo';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIntegerSession } from '../../libs/engine/src/integer/integer-session.js';
import { runRealized } from '../../libs/engine/src/integer/realized-run.test-support.js';
import { defaultDataFolder } from '../../services/quantizer/src/data-folder.js';

/** Codes and logits of both, on the same samples. */
async function runBoth(graph: IntegerGraph, { parameters }: Model, samples: Samples, preprocessing: Preprocessing) {
  const indices = Uint32Array.from({ length: samples.count }, (_, index) => index);
  using session = createIntegerSession(graph, parameters, preprocessing);
  const simulated = {
    codes: session.codes(graph, samples, indices),
    logits: session.logits(graph, samples, indices),
  };
  const onnx = exportIntegerGraph(graph, parameters, { everyTensor: true });
  return { simulated, realized: await runRealized(onnx, graph, samples, preprocessing) };
}

const differingShare = (codes: Int32Array, others: Int32Array) =>
  codes.reduce((sum, code, at) => sum + (code === others[at] ? 0 : 1), 0) / codes.length;

async function expectSameCodes(graph: IntegerGraph, model: Model, samples: Samples, preprocessing: Preprocessing) {
  const { simulated, realized } = await runBoth(graph, model, samples, preprocessing);
  expect(realized.codes.size).toBeGreaterThan(0);
  for (const [id, codes] of realized.codes) {
    expect([id, differingShare(codes, simulated.codes.get(id) ?? new Int32Array())]).toEqual([id, 0]);
  }
  const furthest = Math.max(...realized.logits.map((logit, at) => Math.abs(logit - (simulated.logits[at] as number))));
  expect(furthest).toBeLessThan(1e-4);
}

const FASHION_MNIST = 'fashion-mnist';

async function openCheckpoint(network: string) {
  const recipe = (await readRecipes()).find((one) => one.network === network && one.dataset === FASHION_MNIST);
  if (recipe === undefined) throw new Error(`there is no checkpoint of ${network}`);
  const { model } = await readCheckpoint(recipe);
  return { model: foldBatchNormalization(model), preprocessing: recipe.preprocess };
}

let images: Samples;
let data: Awaited<ReturnType<typeof openDataset>>;
beforeAll(async () => {
  data = await openDataset(FASHION_MNIST, { root: defaultDataFolder(process.env) });
  images = selectSamples(
    data.splits.test,
    Uint32Array.from({ length: 8 }, (_, index) => index),
  );
});

const SETTINGS: Omit<EdgeSearchOptions, 'specification'> = {
  ...{ search: 'default', objective: 'accuracy', thresholds: { kind: 'average-range' }, powerOfTwo: false },
  ...{ calibrationSamples: 64, scoredSamples: 100, maxTrials: 1, seed: 1, floatLayers: 0, fitsAccumulators: false },
};

/** Every variable at a number of bits of its own, as a search would try it. */
const mixedBits = (most: EdgeBits): EdgeBits => most.map((bits, index) => Math.max(4, bits - (index % 4)));

describe.each(['resnet-20', 'mobilenet-v2'])('what is simulated and what is realized, %s on real images', (network) => {
  it.each(HARDWARE_PRESETS.map(({ name }) => name))('agree in every code of every tensor: %s', async (name) => {
    const { model, preprocessing } = await openCheckpoint(network);
    const specification = findHardwarePreset(name);
    const task = integerTask(model, specification);
    const { best, graph } = finish(searchEdgeBits(task, data, preprocessing, { ...SETTINGS, specification }));
    await expectSameCodes(graph, model, images, preprocessing);
    const bits = mixedBits(highestBits(task.space));
    const mixed = lowerToIntegers(model, task.topology, task.space, bits, best.strategy.thresholds);
    await expectSameCodes(mixed, model, images, preprocessing);
  });
});

describe('a float prefix', () => {
  it('ends where integers begin, and both still agree', async () => {
    const { model, preprocessing } = await openCheckpoint('mobilenet-v2');
    const specification = findHardwarePreset('onnxruntime-cpu');
    const task = integerTask(model, specification, 3);
    const { graph } = finish(searchEdgeBits(task, data, preprocessing, { ...SETTINGS, specification, floatLayers: 3 }));
    expect(graph.nodes.filter(({ kernel }) => kernel === undefined).map(({ id }) => id)).toContain('block1.project');
    // Float convolutions differ in their last bits, so codes right at a rounding may differ by one.
    const { simulated, realized } = await runBoth(graph, model, images, preprocessing);
    const first = realized.codes.get('block2.expand.relu') as Int32Array;
    const other = simulated.codes.get('block2.expand.relu') as Int32Array;
    expect(differingShare(first, other)).toBeLessThan(0.001);
  });
});

describe('an accumulator of 16 bits', () => {
  const window = { kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1 };
  const padding = { top: 0, left: 0, bottom: 0, right: 0 };
  const layer = { kind: 'convolution', outChannels: 1, groups: 1, bias: false, padding, ...window } as const;

  /** One pixel of three channels of full brightness, each times the largest weight: codes 127 x 127 x 3 = 48387. */
  const input = { height: 1, width: 1, channels: 3 };
  const network: Network = {
    ...{ name: 'one-sum', input, classes: 1 },
    nodes: [
      { id: 'input', operation: { kind: 'input' }, inputs: [], output: input },
      { id: 'sum', operation: layer, inputs: ['input'], output: outputShape(layer, input) },
    ],
  };
  const weight = { shape: [1, 3, 1, 1], values: Float32Array.of(1, 1, 1) };
  const model: Model = { network, parameters: new Map([['sum.weight', weight]]) };
  const bright: Samples = { ...input, count: 1, images: Uint8Array.of(255, 255, 255), labels: Int32Array.of(0) };
  const preprocessing = { imageSize: 1, padding: 0, mean: [0, 0, 0], std: [1, 1, 1] };

  it.each([
    ['int8-accelerator', 48_387],
    ['int8-accelerator-int16', 48_387 - 65_536],
  ])('wraps around what does not fit: %s holds %i', (name, expected) => {
    const task = integerTask(model, findHardwarePreset(name));
    const bits = highestBits(task.space);
    const graph = lowerToIntegers(model, task.topology, task.space, bits, new Map([['input', 1]]));
    using session = createIntegerSession(graph, model.parameters, preprocessing);
    expect(Array.from(session.codes(graph, bright, Uint32Array.of(0)).get('sum') as Int32Array)).toEqual([expected]);
  });
});
