import { createRandomSource, type Network, type NetworkNode, type Operation } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { exportOnnx, importOnnx } from '@bitwright/onnx';
import { expect, it } from 'vitest';
import { measureAccuracy } from '../measuring/classifier.js';
import { createParameters } from '../network/create-parameters.js';
import { classifyWithOnnxRuntime } from './onnx-classes.js';

const shape = (height: number, width: number, channels: number) => ({ height, width, channels });
const padding = { top: 0, left: 1, bottom: 1, right: 0 };
const window = { kernelHeight: 3, kernelWidth: 2, strideHeight: 2, strideWidth: 2, padding };
const convolution = { kind: 'convolution', groups: 2, outChannels: 6, bias: true, ...window } as const;

/** Every operation that has a layout or a padding of its own, with sides that differ. */
const nodes: readonly NetworkNode[] = [
  { id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(8, 8, 2) },
  node('grouped', convolution, 'input', shape(4, 4, 6)),
  node('norm', { kind: 'batch-normalization', epsilon: 1e-5 }, 'grouped', shape(4, 4, 6)),
  node('maximum', { kind: 'max-pool', ...window }, 'norm', shape(2, 2, 6)),
  node('relu', { kind: 'relu' }, 'maximum', shape(2, 2, 6)),
  node('average', { kind: 'average-pool', ...window, strideHeight: 1, strideWidth: 1 }, 'relu', shape(1, 2, 6)),
  node('flat', { kind: 'flatten' }, 'average', shape(1, 1, 12)),
  node('classifier', { kind: 'fully-connected', outFeatures: 5, bias: true }, 'flat', shape(1, 1, 5)),
];

function node(id: string, operation: Operation, input: string, output: NetworkNode['output']): NetworkNode {
  return { id, operation, inputs: [input], output };
}

it('the engine and ONNX Runtime name the same classes for a network with every kind of window', async () => {
  const random = createRandomSource(2);
  const network: Network = { name: 'windows', input: shape(8, 8, 2), classes: 5, nodes };
  const parameters = new Map(
    [...createParameters(network, random)].map(([name, tensor]) => [
      name,
      { ...tensor, values: tensor.values.map((value) => value + 0.2 * random.uniform()) },
    ]),
  );
  const preprocessing = { imageSize: 8, padding: 0, mean: [0.5, 0.4], std: [0.3, 0.2] };
  const count = 100;
  const images = Uint8Array.from({ length: count * 128 }, () => random.integer(256));
  const samples: Samples = { ...shape(8, 8, 2), count, images, labels: new Int32Array(count) };
  const onnx = exportOnnx({ network, parameters });
  const named = await classifyWithOnnxRuntime(onnx, network, samples, preprocessing, async () => {});
  expect(new Set(named).size).toBeGreaterThan(1);
  for (const model of [{ network, parameters }, importOnnx(onnx).model]) {
    expect(measureAccuracy(model, samples, preprocessing).classes).toEqual(named);
  }
});
