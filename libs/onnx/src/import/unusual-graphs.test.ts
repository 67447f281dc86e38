import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { ModelProto } from '../gen/onnx/onnx.js';
import { importOnnx } from '../index.js';
import { runNaively } from '../test-support/naive-network.js';
import { runOnnx, toChannelsFirst } from '../test-support/run-onnx.js';
import { createGraphWriter, type GraphWriter } from '../wire/graph-writer.js';
import { toFloatTensor } from '../wire/tensors.js';

const SIZE = 4;
const random = createRandomSource(5);
const draw = (shape: readonly number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => random.normal()),
});

/** A 1 x 1 convolution from `input` to `size` channels. */
function convolve(writer: GraphWriter, name: string, input: string, channels: number): string {
  const weight = writer.tensor(toFloatTensor(`${name}.weight`, draw([SIZE, channels, 1, 1])));
  return writer.node('Conv', name, [input, weight], { kernel_shape: [1, 1] });
}

/** A file that ends in a mean over the image of what `build` gives. */
function fileOf(build: (writer: GraphWriter) => string): Uint8Array {
  const writer = createGraphWriter();
  const pooled = writer.node('GlobalAveragePool', 'pooled', [build(writer)]);
  const output = writer.node('Flatten', 'scores', [pooled], { axis: 1 });
  const input = { name: 'image', shape: { height: SIZE, width: SIZE, channels: 1 } };
  return writer.finish(input, { name: output, classes: SIZE }, { graphName: 'unusual', opset: 17, metadata: {} });
}

async function expectSameScores(file: Uint8Array): Promise<void> {
  const image = draw([SIZE * SIZE]).values;
  const { model } = importOnnx(file);
  const original = await runOnnx(file, toChannelsFirst(image, SIZE, SIZE, 1), [1, SIZE, SIZE]);
  const scores = runNaively(model.network, model.parameters, image);
  original.forEach((score, index) => {
    expect(scores[index]).toBeCloseTo(score, 4);
  });
}

describe('an addition of as many stored values as there are channels', () => {
  const fileWith = (shape: readonly number[]) =>
    fileOf((writer) => {
      const added = writer.tensor(toFloatTensor('added', draw(shape)));
      return writer.node('Add', 'sum', [convolve(writer, 'layer', 'image', 1), added]);
    });

  it.each([[[SIZE, 1, 1]], [[1, SIZE, 1, 1]]])('of shape %j is a bias', (shape) => expectSameScores(fileWith(shape)));

  it.each([[[SIZE]], [[SIZE, 1]], [[1, 1, 1, SIZE]], [[1, 1, SIZE, 1]]])(
    'of shape %j is spread over rows or columns, and refused',
    (shape) => {
      const refused = expect.objectContaining({ kind: 'invalid_argument', reason: 'MODEL_UNSUPPORTED' });
      expect(() => importOnnx(fileWith(shape))).toThrow(refused);
    },
  );
});

it('keeps nodes apart where one is called as the output of another that has no name', async () => {
  const file = ModelProto.decode(
    fileOf((writer) => {
      const first = convolve(writer, 'first', 'image', 1);
      return convolve(writer, 'second', writer.node('Relu', 'between', [first]), SIZE);
    }),
  );
  const nodeOf = (name: string) => file.graph?.node.find((node) => node.name === name);
  Object.assign(nodeOf('first') ?? {}, { name: 'second' });
  const unnamed = file.graph?.node.findLast(({ name }) => name === 'second');
  Object.assign(unnamed ?? {}, { name: '' });
  await expectSameScores(ModelProto.encode(file).finish());
});
