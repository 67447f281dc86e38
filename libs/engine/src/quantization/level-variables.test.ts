import { createRandomSource } from '@bitwright/core';
import { overScales, quantizeToLevels, timesScales } from '@bitwright/quantizers';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { expect, it } from 'vitest';
import { fromTensorflowValues, toTensorflowValues } from '../network/parameter-layout.js';
import { declareLevels } from './level-variables.js';

const BITS = 3;
const random = createRandomSource(5);

it.each([
  ['fully connected', [3, 4], [4, 3]],
  ['convolution', [3, 2, 1, 2], [1, 2, 2, 3]],
  ['depthwise', [3, 1, 2, 2], [2, 2, 3, 1]],
])('levels of a weight are in units of its output channels: %s', (_, shape, layout) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: count }, () => random.normal());
  const upstream = Float32Array.from({ length: count }, () => random.normal());
  const scales = Float32Array.of(0.5, 1, 3);
  const levels = Float32Array.from({ length: 2 ** BITS }, (_, code) => (2 * code) / (2 ** BITS - 1) - 1);
  const start = { levels, scores: new Float32Array(BITS).fill(0.5) };

  const graph = new GraphBuilder();
  const variables = declareLevels(graph, ['layer.weight'], {
    ...{ bits: BITS, least: 1, scales: new Map([['layer.weight', scales]]) },
  });
  const [weight, gradient] = [graph.placeholder('float32', layout), graph.placeholder('float32', layout)];
  const step = variables.quantize('layer.weight', weight);
  const back = step?.backward(gradient);
  using session = createSession(graph);
  variables.store(session, [start]);
  const feeds = [
    { target: weight, values: toTensorflowValues({ shape, values }) },
    { target: gradient, values: toTensorflowValues({ shape, values: upstream }) },
  ];
  const fetches = [step?.output, back?.input, variables.sums.get('layer.weight')] as GraphTensor[];
  const [output, input, sums] = session.run(feeds, fetches).map((fetched) => fetched.values as Float32Array);

  const inUnits = overScales(values, scales);
  const expected = timesScales(quantizeToLevels(inUnits, start.levels), scales);
  fromTensorflowValues(output as Float32Array, shape).forEach((value, at) => {
    expect(value).toBeCloseTo(expected[at] as number, 5);
  });
  fromTensorflowValues(input as Float32Array, shape).forEach((value, at) => {
    expect(value).toBeCloseTo(Math.abs(inUnits[at] as number) <= 1 ? (upstream[at] as number) : 0, 5);
  });
  const total = (sums as Float32Array).subarray(0, 2 ** BITS).reduce((sum, value) => sum + value, 0);
  const wanted = timesScales(upstream, scales).reduce((sum, value) => sum + value, 0);
  expect(total).toBeCloseTo(wanted, 4);
});
