import { BitwrightError } from '@bitwright/core';
import {
  type ElementType,
  type HardwareSpecification,
  type IntegerGraph,
  type Operator,
  type OperatorDescriptor,
  parseHardwareSpecification,
  type Requantization,
} from '@bitwright/hago';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADD,
  CLASSES,
  CONVOLUTION,
  createModel,
  expectSameCodes,
  FLATTEN,
  GLOBAL_POOL,
  lowerTwice,
  MAXIMUM,
  RELU,
  RELU6,
  thresholdsOf,
} from './small-networks.test-support.js';

/** Every operator that can be executed in integers, once at least. */
const model = createModel([
  ['conv', CONVOLUTION, 'input'],
  ['relu', RELU, 'conv'],
  ['most', MAXIMUM, 'relu'],
  ['other', CONVOLUTION, 'most'],
  ['sum', ADD, 'other', 'most'],
  ['relu6', RELU6, 'sum'],
  ['pool', GLOBAL_POOL, 'relu6'],
  ['flat', FLATTEN, 'pool'],
  ['classes', CLASSES, 'flat'],
]);
const thresholds = thresholdsOf(model);

const TYPES: readonly ElementType[] = ['int8', 'int16', 'int32'];
const OPERANDS: readonly OperatorDescriptor['inputs'][] = [
  ...TYPES.map((type) => [type] as const),
  ...TYPES.flatMap((one) => TYPES.map((other) => [one, other] as const)),
];
const KERNELS = OPERANDS.flatMap((inputs) => TYPES.map((output): OperatorDescriptor => ({ inputs, output })));

const parse = (requantization: Requantization, operators: HardwareSpecification['operators']) =>
  parseHardwareSpecification(JSON.stringify({ name: 'drawn', requantization, operators }), 'drawn.yaml');

/** What a specification may list for an operator. */
const accepted = (requantization: Requantization, operator: Operator) =>
  KERNELS.filter((kernel) => {
    try {
      parse(requantization, { [operator]: [kernel] });
      return true;
    } catch {
      return false;
    }
  });

/** Sums are never float: two libraries round those differently, and codes made of them differ then. */
const SUMS = ['convolution', 'fully-connected', 'add', 'global-average-pool'] as const;
const KEPT = ['relu', 'clip', 'max-pool', 'flatten'] as const;

function specifications(requantization: Requantization): fc.Arbitrary<HardwareSpecification> {
  const kernels = (operator: Operator) =>
    fc.uniqueArray(fc.constantFrom(...accepted(requantization, operator)), { minLength: 1, maxLength: 3 });
  const sums = SUMS.map((operator) => [operator, kernels(operator)] as const);
  const kept = KEPT.map((operator) => [operator, fc.option(kernels(operator), { nil: undefined })] as const);
  return fc.record(Object.fromEntries([...sums, ...kept])).map((operators) => parse(requantization, operators));
}

/** Undefined where kernels of these types do not go together. */
function lower(specification: HardwareSpecification): readonly IntegerGraph[] | undefined {
  try {
    return lowerTwice(model, specification, thresholds);
  } catch (error) {
    if (error instanceof BitwrightError && error.kind === 'unsupported') return undefined;
    throw error;
  }
}

describe('kernels of any types that a specification may list', () => {
  it.each<[Requantization, number]>([
    ['edge', 20],
    ['kernel', 6],
  ])('give the codes of ONNX Runtime, requantized by the %s', async (requantization, numRuns) => {
    let compared = 0;
    const property = fc.asyncProperty(specifications(requantization), async (specification) => {
      for (const graph of lower(specification) ?? []) {
        await expectSameCodes(graph, model);
        compared += 1;
      }
    });
    await fc.assert(property, { numRuns, seed: 1 });
    expect(compared).toBeGreaterThan(10);
  });
});

describe('sums and operands of other types', () => {
  const bytes = { inputs: ['int8'], output: 'int32' } as const;

  it.each<[string, HardwareSpecification['operators']]>([
    ['a layer in 8 bits', { convolution: [{ inputs: ['int8'], output: 'int8' }] }],
    ['a wide addition in 8 bits', { add: [{ inputs: ['int32'], output: 'int8' }] }],
    ['an addition of 8 and 16 bits', { add: [{ inputs: ['int8', 'int16'], output: 'int32' }] }],
    ['an addition of 32 and 8 bits in 8', { add: [{ inputs: ['int32', 'int8'], output: 'int8' }] }],
    ['a pool in 8 bits', { 'global-average-pool': [{ inputs: ['int8'], output: 'int8' }] }],
    ['a pool whose sums leave 32 bits', { 'global-average-pool': [{ inputs: ['int32'], output: 'int32' }] }],
  ])('have the codes of ONNX Runtime: %s', async (_, operators) => {
    const others = { convolution: [bytes], 'fully-connected': [bytes], 'global-average-pool': [bytes], add: [bytes] };
    for (const graph of lowerTwice(model, parse('edge', { ...others, ...operators }), thresholds)) {
      expect(await expectSameCodes(graph, model)).toEqual(expect.arrayContaining(['conv', 'sum', 'pool', 'classes']));
    }
  });
});
