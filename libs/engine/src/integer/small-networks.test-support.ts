import { createRandomSource, type Model, type NetworkNode, type Operation, outputShape } from '@bitwright/core';
import { selectSamples } from '@bitwright/datasets';
import {
  analyseTopology,
  estimateThresholds,
  type HardwareSpecification,
  highestBits,
  type IntegerGraph,
  lowerToIntegers,
  searchSpace,
  type Thresholds,
} from '@bitwright/hago';
import { exportIntegerGraph } from '@bitwright/onnx';
import { expect } from 'vitest';
import { createToyDataset, TOY_PREPROCESSING } from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import { finish } from '../work.js';
import { collectStatistics } from './collect-statistics.js';
import { createIntegerSession } from './integer-session.js';
import { runRealized } from './realized-run.test-support.js';

export type Step = readonly [id: string, operation: Operation, ...inputs: string[]];

const WINDOW = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1 };
const PADDING = { top: 1, left: 1, bottom: 1, right: 1 };
const pool = (kind: 'average-pool' | 'max-pool') =>
  ({ kind, ...WINDOW, strideHeight: 2, strideWidth: 2, padding: PADDING }) as const;

export const convolution = (outChannels: number): Operation => ({
  ...{ kind: 'convolution', outChannels, groups: 1, bias: true, padding: PADDING },
  ...WINDOW,
});
export const CONVOLUTION = convolution(4);
export const RELU: Operation = { kind: 'relu' };
export const RELU6: Operation = { kind: 'relu6' };
export const ADD: Operation = { kind: 'add' };
export const FLATTEN: Operation = { kind: 'flatten' };
export const MAXIMUM: Operation = pool('max-pool');
export const AVERAGE: Operation = pool('average-pool');
export const GLOBAL_POOL: Operation = { kind: 'global-average-pool' };
export const CLASSES: Operation = { kind: 'fully-connected', outFeatures: 4, bias: true };

const { splits } = createToyDataset();
const first = (count: number) => Uint32Array.from({ length: count }, (_, index) => index);

/** What graphs are compared on. */
export const images = selectSamples(splits.test, first(6));

/** A network of these nodes with random parameters. */
export function createModel(steps: readonly Step[]): Model {
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

export function thresholdsOf(model: Model): Thresholds {
  const statistics = finish(collectStatistics(model, selectSamples(splits.training, first(64)), TOY_PREPROCESSING));
  return estimateThresholds(statistics, { kind: 'average-range' }, false);
}

/** The integer graphs of a network at the most bits and at mixed ones. */
export function lowerTwice(
  model: Model,
  specification: HardwareSpecification,
  thresholds = thresholdsOf(model),
): readonly [IntegerGraph, IntegerGraph] {
  const topology = analyseTopology(model.network, specification);
  const space = searchSpace(topology);
  const most = highestBits(space);
  const mixed = most.map((bits, index) => Math.max(4, bits - (index % 4)));
  return [
    lowerToIntegers(model, topology, space, most, thresholds),
    lowerToIntegers(model, topology, space, mixed, thresholds),
  ];
}

/** Holds every code of ONNX Runtime against the simulation; gives the names of the tensors that have codes. */
export async function expectSameCodes(graph: IntegerGraph, model: Model): Promise<readonly string[]> {
  using session = createIntegerSession(graph, model.parameters, TOY_PREPROCESSING);
  const indices = first(images.count);
  const simulated = session.codes(graph, images, indices);
  const onnx = exportIntegerGraph(graph, model.parameters, { everyTensor: true });
  const { codes, logits } = await runRealized(onnx, graph, images, TOY_PREPROCESSING);
  for (const [id, realized] of codes) expect([id, realized]).toEqual([id, simulated.get(id)]);
  const expected = session.logits(graph, images, indices);
  expect(Math.max(...logits.map((logit, at) => Math.abs(logit - (expected[at] as number))))).toBeLessThan(1e-3);
  return [...codes.keys()];
}
