import {
  createRandomSource,
  type Model,
  type Network,
  type NetworkNode,
  type Operation,
  type Preprocessing,
  type TensorShape,
} from '@bitwright/core';
import type { Dataset, Samples } from '@bitwright/datasets';
import { createParameters } from '../network/create-parameters.js';
import { DEFAULT_FLOAT_TRAINING, trainFloat } from '../training/train-float.js';

const SIZE = 8;
const CLASSES = 4;

export const TOY_PREPROCESSING: Preprocessing = { imageSize: SIZE, padding: 0, mean: [0.3], std: [0.3] };

/** A small residual network with all that matters: ReLU6 and linear outputs, a depthwise layer, a shared tensor. */
export function createToyNetwork(): Network {
  const nodes: NetworkNode[] = [{ id: 'input', operation: { kind: 'input' }, inputs: [], output: shape(SIZE, 1) }];
  const add = (id: string, operation: Operation, inputs: readonly string[], output: TensorShape) => {
    nodes.push({ id, operation, inputs, output });
    return id;
  };
  const block = (id: string, input: string, output: TensorShape, changes: object, rectified: boolean) => {
    const operation = { ...CONVOLUTION, outChannels: output.channels, ...changes } as Operation;
    const convolved = add(id, operation, [input], output);
    const normalized = add(`${id}.norm`, { kind: 'batch-normalization', epsilon: 1e-5 }, [convolved], output);
    return rectified ? add(`${id}.relu`, { kind: 'relu6' }, [normalized], output) : normalized;
  };
  const stem = block('stem', 'input', shape(SIZE, 8), {}, true);
  const reduced = block('reduce', stem, shape(4, 8), { strideHeight: 2, strideWidth: 2, groups: 8 }, true);
  const linear = block('project', reduced, shape(4, 8), POINTWISE, false);
  const expanded = block('expand', linear, shape(4, 16), POINTWISE, true);
  const back = block('back', expanded, shape(4, 8), POINTWISE, false);
  const sum = add('sum', { kind: 'add' }, [linear, back], shape(4, 8));
  const pooled = add('pool', { kind: 'global-average-pool' }, [sum], shape(1, 8));
  add('classifier', { kind: 'fully-connected', outFeatures: CLASSES, bias: true }, [pooled], shape(1, CLASSES));
  return { name: 'toy', input: shape(SIZE, 1), classes: CLASSES, nodes };
}

/** Images of one bright corner each, in noise; the corner is the class. */
export function createToyDataset(): Dataset {
  const splits = { training: samples(512, 1), validation: samples(200, 2), test: samples(200, 3) };
  const shared = { name: 'corners', classes: CLASSES, classNames: undefined, imageShape: shape(SIZE, 1) };
  return { ...shared, splits, digest: '0'.repeat(64), mean: [0.3], std: [0.3] };
}

/** The toy network trained until it is good at the toy data. */
export function trainToyModel(data: Dataset): Model {
  const network = createToyNetwork();
  const options = {
    ...DEFAULT_FLOAT_TRAINING,
    epochs: 6,
    batchSize: 32,
    learningRate: 0.1,
    augmentation: { flip: false, shift: 0 },
  };
  const parameters = createParameters(network, createRandomSource(1));
  return {
    network,
    parameters: trainFloat({
      network,
      parameters,
      samples: data.splits.training,
      preprocessing: TOY_PREPROCESSING,
      options,
    }),
  };
}

const shape = (size: number, channels: number): TensorShape => ({ height: size, width: size, channels });
const CONVOLUTION = {
  kind: 'convolution',
  kernelHeight: 3,
  kernelWidth: 3,
  strideHeight: 1,
  strideWidth: 1,
  padding: { top: 1, left: 1, bottom: 1, right: 1 },
  groups: 1,
  bias: false,
};
const POINTWISE = { kernelHeight: 1, kernelWidth: 1, padding: { top: 0, left: 0, bottom: 0, right: 0 } };

function samples(count: number, seed: number): Samples {
  const random = createRandomSource(seed);
  const images = Uint8Array.from({ length: count * SIZE * SIZE }, () => random.integer(120));
  const labels = Int32Array.from({ length: count }, () => random.integer(CLASSES));
  labels.forEach((label, sample) => {
    const [top, left] = [label < 2 ? 1 : 5, label % 2 === 0 ? 1 : 5];
    for (const [row, column] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ] as const) {
      images[sample * SIZE * SIZE + (top + row) * SIZE + left + column] = 130 + random.integer(100);
    }
  });
  return { ...shape(SIZE, 1), count, images, labels };
}
