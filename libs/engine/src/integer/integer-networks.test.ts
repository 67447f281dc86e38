import { createRandomSource, type Model, type NetworkNode, type Operation, outputShape } from '@bitwright/core';
import { selectSamples } from '@bitwright/datasets';
import {
  findHardwarePreset,
  type HardwareSpecification,
  highestBits,
  type IntegerGraph,
  lowerToIntegers,
} from '@bitwright/hago';
import { exportIntegerGraph } from '@bitwright/onnx';
import { describe, expect, it } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import { finish } from '../work.js';
import { createIntegerEvaluator, floatGraph } from './integer-evaluator.js';
import { createIntegerSession } from './integer-session.js';
import { runRealized } from './realized-run.test-support.js';
import { integerTask, searchEdgeBits } from './search-edge-bits.js';

type Step = readonly [id: string, operation: Operation, ...inputs: string[]];

const WINDOW = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1 };
const PADDING = { top: 1, left: 1, bottom: 1, right: 1 };
const CONVOLUTION: Operation = {
  ...{ kind: 'convolution', outChannels: 4, groups: 1, bias: true, padding: PADDING },
  ...WINDOW,
};
const RELU: Operation = { kind: 'relu' };
const RELU6: Operation = { kind: 'relu6' };
const ADD: Operation = { kind: 'add' };
const FLATTEN: Operation = { kind: 'flatten' };
const GLOBAL_POOL: Operation = { kind: 'global-average-pool' };
const CLASSES: Operation = { kind: 'fully-connected', outFeatures: 4, bias: true };
const pool = (kind: 'average-pool' | 'max-pool') =>
  ({ kind, ...WINDOW, strideHeight: 2, strideWidth: 2, padding: PADDING }) as const;
const AVERAGE = pool('average-pool');

const data = createToyDataset();
const images = selectSamples(data.splits.test, Uint32Array.of(0, 1, 2, 3, 4, 5));

function createModel(steps: readonly Step[]): Model {
  const input = { height: 8, width: 8, channels: 1 };
  const nodes: NetworkNode[] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: input }];
  const shapeOf = (id: string | undefined) => nodes.find((node) => node.id === id)?.output ?? input;
  for (const [id, operation, ...inputs] of steps) {
    nodes.push({ id, operation, inputs, output: outputShape(operation, shapeOf(inputs[0])) });
  }
  const network = { name: 'small', input, classes: 4, nodes };
  const random = createRandomSource(3);
  const parameters = [...createParameters(network, random)].map(([name, { shape }]) => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal() / 2);
    return [name, { shape, values }] as const;
  });
  return { network, parameters: new Map(parameters) };
}

/** The integer graphs of a network at the most bits and at mixed ones. */
function lowerTwice(model: Model, specification: HardwareSpecification): readonly IntegerGraph[] {
  const task = integerTask(model, specification);
  const { best, graph } = finish(
    searchEdgeBits(task, data, TOY_PREPROCESSING, {
      ...{ specification, search: 'default', objective: 'accuracy', thresholds: { kind: 'average-range' } },
      ...{ powerOfTwo: false, calibrationSamples: 64, scoredSamples: 50, maxTrials: 1, seed: 1, floatLayers: 0 },
      fitsAccumulators: false,
    }),
  );
  const mixed = highestBits(task.space).map((bits, index) => Math.max(4, bits - (index % 4)));
  return [graph, lowerToIntegers(model, task.topology, task.space, mixed, best.strategy.thresholds)];
}

/** Holds every code of ONNX Runtime against the simulation; gives the names of the tensors that have codes. */
async function expectSameCodes(graph: IntegerGraph, model: Model): Promise<readonly string[]> {
  using session = createIntegerSession(graph, model.parameters, TOY_PREPROCESSING);
  const indices = Uint32Array.from({ length: images.count }, (_, index) => index);
  const simulated = session.codes(graph, images, indices);
  const onnx = exportIntegerGraph(graph, model.parameters, { everyTensor: true });
  const { codes, logits } = await runRealized(onnx, graph, images, TOY_PREPROCESSING);
  for (const [id, realized] of codes) expect([id, realized]).toEqual([id, simulated.get(id)]);
  const expected = session.logits(graph, images, indices);
  expect(Math.max(...logits.map((logit, at) => Math.abs(logit - (expected[at] as number))))).toBeLessThan(1e-3);
  return [...codes.keys()];
}

/** Of the outputs, from those in float. */
function divergenceOf(graph: IntegerGraph, model: Model): number {
  using evaluator = createIntegerEvaluator(model, TOY_PREPROCESSING);
  const { logits } = finish(evaluator.measure(floatGraph(model), images));
  return finish(evaluator.measure(graph, images, logits)).divergence;
}

const INPUT_LAYER: Step = ['conv', CONVOLUTION, 'input'];
const HEAD: readonly Step[] = [
  ['flat', FLATTEN, 'pool'],
  ['classes', CLASSES, 'flat'],
];

/** Networks whose tensors are read by what keeps their scale, or by float nodes alone; and what of them has codes. */
const NETWORKS: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
  [
    'a rectifier in front of a float pool',
    [INPUT_LAYER, ['relu', RELU, 'conv'], ['pool', AVERAGE, 'relu'], ...HEAD],
    ['relu'],
  ],
  [
    'a rectifier behind a rectifier',
    [
      INPUT_LAYER,
      ['relu', RELU, 'conv'],
      ['relu6', RELU6, 'relu'],
      ['second', CONVOLUTION, 'relu6'],
      ['pool', GLOBAL_POOL, 'second'],
      ['classes', CLASSES, 'pool'],
    ],
    ['relu', 'relu6', 'second', 'pool'],
  ],
  [
    'two rectifiers of one layer, between layers',
    [
      INPUT_LAYER,
      ['relu', RELU, 'conv'],
      ['relu6', RELU6, 'conv'],
      ['left', CONVOLUTION, 'relu'],
      ['right', CONVOLUTION, 'relu6'],
      ['sum', ADD, 'left', 'right'],
      ['pool', GLOBAL_POOL, 'sum'],
      ['classes', CLASSES, 'pool'],
    ],
    ['conv', 'relu', 'relu6', 'left', 'right', 'sum', 'pool'],
  ],
  [
    'two rectifiers of one layer, in front of a float pool',
    [
      INPUT_LAYER,
      ['relu', RELU, 'conv'],
      ['relu6', RELU6, 'conv'],
      ['left', AVERAGE, 'relu'],
      ['right', AVERAGE, 'relu6'],
      ['sum', ADD, 'left', 'right'],
      ['pool', GLOBAL_POOL, 'sum'],
      ...HEAD,
    ],
    ['conv', 'relu', 'relu6'],
  ],
  [
    'a rectified sum in front of a float pool',
    [
      INPUT_LAYER,
      ['other', CONVOLUTION, 'input'],
      ['sum', ADD, 'conv', 'other'],
      ['relu', RELU, 'sum'],
      ['pool', AVERAGE, 'relu'],
      ...HEAD,
    ],
    ['conv', 'other', 'relu'],
  ],
  [
    'a flattened rectifier',
    [INPUT_LAYER, ['relu', RELU, 'conv'], ['flat', FLATTEN, 'relu'], ['classes', CLASSES, 'flat']],
    ['relu', 'flat'],
  ],
  ['a flattened layer', [INPUT_LAYER, ['flat', FLATTEN, 'conv'], ['classes', CLASSES, 'flat']], ['conv', 'flat']],
  [
    'a flattened pool',
    [INPUT_LAYER, ['relu', RELU, 'conv'], ['pool', GLOBAL_POOL, 'relu'], ...HEAD],
    ['relu', 'pool', 'flat'],
  ],
  [
    'a rectified pool of maxima',
    [
      INPUT_LAYER,
      ['most', pool('max-pool'), 'conv'],
      ['relu', RELU, 'most'],
      ['flat', FLATTEN, 'relu'],
      ['classes', CLASSES, 'flat'],
    ],
    ['conv', 'most', 'relu', 'flat'],
  ],
];

describe('what kernels requantize and what ONNX Runtime gives', () => {
  it.each(NETWORKS)('agree in every code: %s', async (_, steps, expected) => {
    const model = createModel(steps);
    for (const graph of lowerTwice(model, findHardwarePreset('onnxruntime-cpu'))) {
      expect(await expectSameCodes(graph, model)).toEqual(expected);
    }
  });
});

describe('edges that are requantized and what ONNX Runtime gives', () => {
  const sums = { inputs: ['int8'], output: 'int32' } as const;
  const kept = { inputs: ['int32'], output: 'int32' } as const;
  const specification = (operators: HardwareSpecification['operators']): HardwareSpecification => ({
    ...{ name: 'flattens', description: '', requantization: 'edge', unsignedCodes: false },
    operators: { convolution: [sums], 'fully-connected': [sums], relu: [kept], flatten: [kept], ...operators },
  });

  it.each<[string, readonly Step[]]>([
    ['a layer', [INPUT_LAYER, ['flat', FLATTEN, 'conv'], ['classes', CLASSES, 'flat']]],
    ['a rectifier', [INPUT_LAYER, ['relu', RELU, 'conv'], ['flat', FLATTEN, 'relu'], ['classes', CLASSES, 'flat']]],
  ])('agree in every code where channels of other scales are flattened: %s', async (_, steps) => {
    const model = createModel(steps);
    const [graph, mixed] = lowerTwice(model, specification({})) as [IntegerGraph, IntegerGraph];
    expect(await expectSameCodes(graph, model)).toEqual(steps.map(([id]) => id));
    await expectSameCodes(mixed, model);
    const flat = graph.nodes.find(({ id }) => id === 'flat');
    expect(flat?.output).toMatchObject({ type: 'int32', scales: { length: 1 } });
    // Next to nothing is lost, because a step of 32 bits is that small.
    expect(divergenceOf(graph, model)).toBeLessThan(1e-3);
  });

  it('are refused with what to write where codes are wanted of what is float', () => {
    const model = createModel([INPUT_LAYER, ['pool', AVERAGE, 'conv'], ...HEAD]);
    expect(() =>
      lowerTwice(model, specification({ 'average-pool': [{ inputs: ['float32'], output: 'float32' }] })),
    ).toThrow(expect.objectContaining({ kind: 'unsupported', reason: 'FLOAT_CODES' }));
  });
});
