import type { Convolution, Padding } from '@bitwright/core';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { rectify } from './activation.js';
import { floats } from './arithmetic.js';
import { frozenNormalization, trainedNormalization } from './batch-normalization.js';
import { convolution } from './convolution.js';
import { foldedNormalization } from './folded-normalization.js';
import { flatten, fullyConnected } from './fully-connected.js';
import { expectGradientsToMatch } from './gradient-check.test-support.js';
import { globalAveragePool, pool } from './pooling.js';

type Tensors = Readonly<Record<string, GraphTensor>>;
const NONE: Padding = { top: 0, left: 0, bottom: 0, right: 0 };
const ONE: Padding = { top: 1, left: 1, bottom: 1, right: 1 };

function convolutionOf(changes: Partial<Convolution>): Convolution {
  const kernel = { kernelHeight: 3, kernelWidth: 3, strideHeight: 1, strideWidth: 1 };
  return { kind: 'convolution', outChannels: 4, ...kernel, padding: ONE, groups: 1, bias: false, ...changes };
}

const at = (tensors: Tensors, name: string) => tensors[name] as GraphTensor;

describe('the gradient of a convolution', () => {
  it.each([
    ['with a bias and the same size out', {}, [3, 3, 3, 4], 6],
    ['with stride 2 and padding on all sides', { strideHeight: 2, strideWidth: 2 }, [3, 3, 3, 4], 3],
    ['of one position', { kernelHeight: 1, kernelWidth: 1, padding: NONE }, [1, 1, 3, 4], 6],
    ['without padding', { padding: NONE }, [3, 3, 3, 4], 4],
    ['that is depthwise', { outChannels: 3, groups: 3 }, [3, 3, 3, 1], 6],
    [
      'that is depthwise with stride 2',
      { outChannels: 3, groups: 3, strideHeight: 2, strideWidth: 2 },
      [3, 3, 3, 1],
      3,
    ],
    ['that is depthwise with two outputs a channel', { outChannels: 6, groups: 3 }, [3, 3, 3, 2], 6],
  ] as const)('%s matches finite differences', (_, changes, weightShape, size) => {
    const operation = convolutionOf(changes);
    for (const withBias of [false, true]) {
      expectGradientsToMatch({
        shapes: { input: [2, 6, 6, 3], weight: weightShape, bias: [operation.outChannels] },
        emit: (graph, tensors) => {
          const bias = withBias ? at(tensors, 'bias') : undefined;
          const output = { height: size, width: size, channels: operation.outChannels };
          const step = convolution(graph, operation, output, {
            input: at(tensors, 'input'),
            weight: at(tensors, 'weight'),
            bias,
          });
          const gradients = (gradient: GraphTensor) => {
            const { inputs, parameters } = step.backward(gradient, true);
            return { input: inputs[0], ...parameters };
          };
          return { output: step.output, gradients };
        },
      });
    }
  });

  it('in groups matches finite differences', () => {
    const operation = convolutionOf({ groups: 2, outChannels: 4 });
    expectGradientsToMatch({
      shapes: { input: [2, 5, 5, 6], weight: [3, 3, 3, 4], bias: [4] },
      emit: (graph, tensors) => {
        const inputs = { input: at(tensors, 'input'), weight: at(tensors, 'weight'), bias: at(tensors, 'bias') };
        const step = convolution(graph, operation, { height: 5, width: 5, channels: 4 }, inputs);
        return {
          output: step.output,
          gradients: (gradient) => {
            const back = step.backward(gradient, true);
            return { input: back.inputs[0], ...back.parameters };
          },
        };
      },
    });
  });
});

describe('the gradient of batch normalization', () => {
  const shapes = { input: [4, 3, 3, 5], scale: [5], shift: [5], mean: [5], variance: [5] };
  const value = (name: string, normal: number) => (name === 'variance' ? 1 + normal * normal : normal);
  it.each([{ kind: 'training', momentum: 0.1 }, { kind: 'training', momentum: 1 }, { kind: 'frozen' }] as const)(
    '$kind matches finite differences',
    (mode) => {
      expectGradientsToMatch({
        shapes,
        value,
        emit: (graph, tensors) => {
          const parameters = {
            scale: at(tensors, 'scale'),
            shift: at(tensors, 'shift'),
            mean: at(tensors, 'mean'),
            variance: at(tensors, 'variance'),
          };
          const input = at(tensors, 'input');
          const step =
            mode.kind === 'training'
              ? trainedNormalization(graph, input, parameters, { epsilon: 1e-3, momentum: mode.momentum })
              : frozenNormalization(graph, input, parameters, 1e-3);
          const gradients = (gradient: GraphTensor) => {
            const back = step.backward(gradient, true);
            return { input: back.inputs[0], ...back.parameters };
          };
          return { output: step.output, gradients };
        },
      });
    },
  );

  it.each([[[3, 3, 2, 5]], [[3, 3, 5, 1]], [[2, 5]]])(
    'folded into a weight of shape %j matches finite differences',
    (weightShape) => {
      expectGradientsToMatch({
        shapes: { weight: weightShape, bias: [5], scale: [5], shift: [5], mean: [5], variance: [5] },
        value,
        emit: (graph, tensors) => {
          const parameters = {
            scale: at(tensors, 'scale'),
            shift: at(tensors, 'shift'),
            mean: at(tensors, 'mean'),
            variance: at(tensors, 'variance'),
          };
          const folded = foldedNormalization(
            graph,
            { weight: at(tensors, 'weight'), bias: at(tensors, 'bias') },
            parameters,
            1e-3,
          );
          // The layer that follows is stood for by a product of both: its gradient reaches weight and bias.
          const output = graph.operation('ConcatV2', {
            inputs: [flat(graph, folded.weight), folded.bias, graph.constant(Int32Array.of(0), [])],
            attributes: { T: { type: 'float32' }, Tidx: { type: 'int32' }, N: { int: 2 } },
            outputs: [{ shape: [size(weightShape) + 5] }],
          })[0] as GraphTensor;
          const gradients = (gradient: GraphTensor) => {
            const weight = reshapeTo(graph, part(graph, gradient, 0, size(weightShape)), weightShape);
            return folded.backward({ weight, bias: part(graph, gradient, size(weightShape), 5) });
          };
          return { output, gradients };
        },
      });
    },
  );
});

describe('the gradients of the other operations match finite differences', () => {
  const unary = (
    emit: (
      graph: GraphBuilder,
      input: GraphTensor,
    ) => {
      output: GraphTensor;
      backward: (gradient: GraphTensor, needsInput: boolean) => { inputs: readonly (GraphTensor | undefined)[] };
    },
  ) => {
    expectGradientsToMatch({
      shapes: { input: [2, 4, 4, 3] },
      // Away from 0 and 6, where the rectifiers bend, and without ties in the maximum.
      value: (_, normal) => (normal < 0 ? normal - 0.1 : 0.1 + normal * 1.5),
      emit: (graph, tensors) => {
        const step = emit(graph, at(tensors, 'input'));
        return { output: step.output, gradients: (gradient) => ({ input: step.backward(gradient, true).inputs[0] }) };
      },
    });
  };
  const window = { kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2 };

  it('ReLU', () => unary((graph, input) => rectify(graph, 'relu', input)));
  it('ReLU6', () => unary((graph, input) => rectify(graph, 'relu6', input)));
  it('global average pooling', () => unary((graph, input) => globalAveragePool(graph, input)));
  it('flattening', () => unary((graph, input) => flatten(graph, input)));
  it.each(['max-pool', 'average-pool'] as const)('%s with and without padding', (kind) => {
    unary((graph, input) =>
      pool(graph, { kind, ...window, padding: NONE }, input, { height: 2, width: 2, channels: 3 }),
    );
    unary((graph, input) =>
      pool(graph, { kind, ...window, padding: ONE }, input, { height: 3, width: 3, channels: 3 }),
    );
  });

  it('fully connected', () => {
    expectGradientsToMatch({
      shapes: { input: [3, 1, 1, 4], weight: [4, 5], bias: [5] },
      emit: (graph, tensors) => {
        const step = fullyConnected(graph, at(tensors, 'input'), at(tensors, 'weight'), at(tensors, 'bias'));
        return {
          output: step.output,
          gradients: (gradient) => {
            const back = step.backward(gradient, true);
            return { input: back.inputs[0], ...back.parameters };
          },
        };
      },
    });
  });
});

it('a bias after a convolution with stride 2 and padding on all sides counts every window', () => {
  const graph = new GraphBuilder();
  const input = graph.placeholder('float32', [1, 4, 4, 1]);
  const operation = convolutionOf({ outChannels: 1, strideHeight: 2, strideWidth: 2 });
  const weight = graph.constant(new Float32Array(9).fill(1), [3, 3, 1, 1]);
  const tensors = { input, weight, bias: floats(graph, [0.5]) };
  const rectified = rectify(
    graph,
    'relu6',
    convolution(graph, operation, { height: 2, width: 2, channels: 1 }, tensors).output,
  );
  using session = createSession(graph);
  const values = new Float32Array(16).fill(0.5);
  expect(Array.from(session.run([{ target: input, values }], [rectified.output])[0]?.values ?? [])).toEqual([
    2.5, 3.5, 3.5, 5,
  ]);
});

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

function reshapeTo(graph: GraphBuilder, tensor: GraphTensor, shape: readonly number[]): GraphTensor {
  const attributes = { T: { type: 'float32' }, Tshape: { type: 'int32' } } as const;
  const inputs = [tensor, graph.constant(Int32Array.from(shape), [shape.length])];
  return graph.operation('Reshape', { inputs, attributes, outputs: [{ shape }] })[0] as GraphTensor;
}

const flat = (graph: GraphBuilder, tensor: GraphTensor) => reshapeTo(graph, tensor, [size(tensor.shape)]);

function part(graph: GraphBuilder, tensor: GraphTensor, start: number, length: number): GraphTensor {
  const inputs = [tensor, graph.constant(Int32Array.of(start), [1]), graph.constant(Int32Array.of(length), [1])];
  const attributes = { T: { type: 'float32' }, Index: { type: 'int32' } } as const;
  return graph.operation('Slice', { inputs, attributes, outputs: [{ shape: [length] }] })[0] as GraphTensor;
}
