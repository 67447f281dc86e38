import type { Model } from '@bitwright/core';
import { findHardwarePreset, type HardwareSpecification, type IntegerGraph } from '@bitwright/hago';
import { describe, expect, it } from 'vitest';
import { TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { finish } from '../work.js';
import { createIntegerEvaluator, floatGraph } from './integer-evaluator.js';
import {
  ADD,
  AVERAGE,
  CLASSES,
  CONVOLUTION,
  createModel,
  expectSameCodes,
  FLATTEN,
  GLOBAL_POOL,
  images,
  lowerTwice,
  MAXIMUM,
  RELU,
  RELU6,
  type Step,
} from './small-networks.test-support.js';

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
      ['most', MAXIMUM, 'conv'],
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
    const [graph, mixed] = lowerTwice(model, specification({}));
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
