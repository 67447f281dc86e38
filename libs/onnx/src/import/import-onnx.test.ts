import { readFileSync } from 'node:fs';
import { BitwrightError, createRandomSource, deriveLayers, type Model } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportOnnx, importOnnx } from '../index.js';
import { runNaively } from '../test-support/naive-network.js';
import { runOnnx, toChannelsFirst } from '../test-support/run-onnx.js';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}.onnx`, import.meta.url));

function randomImage({ network }: Model): { core: Float32Array; onnx: Float32Array; shape: number[] } {
  const { height, width, channels } = network.input;
  const random = createRandomSource(7);
  const core = Float32Array.from({ length: height * width * channels }, () => random.normal() * 2);
  return { core, onnx: toChannelsFirst(core, height, width, channels), shape: [channels, height, width] };
}

const softmax = (scores: ArrayLike<number>) => {
  const exponentials = Array.from(scores, Math.exp);
  const sum = exponentials.reduce((total, value) => total + value, 0);
  return exponentials.map((value) => value / sum);
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let index = 0; index < actual.length; index += 1)
    expect(actual[index]).toBeCloseTo(expected[index] as number, 4);
}

describe('importOnnx', () => {
  it.each([
    ['torch-residual', true],
    ['torch-residual-unfused', true],
    ['operators', false],
  ])('gives a network that computes what ONNX Runtime computes from %s', async (name, endsInSoftmax) => {
    const { model } = importOnnx(fixture(name));
    const image = randomImage(model);
    const original = await runOnnx(fixture(name), image.onnx, image.shape);
    const scores = runNaively(model.network, model.parameters, image.core);
    expectClose(endsInSoftmax ? softmax(scores) : scores, original);
  });

  it.each(['torch-residual', 'operators'])('writes %s back so that ONNX Runtime computes the same', async (name) => {
    const { model } = importOnnx(fixture(name));
    const image = randomImage(model);
    const written = await runOnnx(exportOnnx(model), image.onnx, image.shape);
    expectClose(written, runNaively(model.network, model.parameters, image.core));
  });

  it('keeps node names and finds the quantizable layers', () => {
    const { model } = importOnnx(fixture('torch-residual'));
    expect(deriveLayers(model.network).map(({ name, kind }) => [name, kind])).toEqual([
      ['/stem/Conv', 'convolution'],
      ['/depthwise/Conv', 'depthwise'],
      ['/pointwise/Conv', 'pointwise'],
      ['/grouped/Conv', 'convolution'],
      ['/classifier/Gemm', 'fully-connected'],
    ]);
    expect(model.network.classes).toBe(5);
    expect(model.network.input).toEqual({ height: 13, width: 13, channels: 2 });
  });

  it('takes an Add of a stored vector as the bias of the layer before, and leaves dead nodes out', () => {
    const { model } = importOnnx(fixture('operators'));
    const kinds = model.network.nodes.map(({ operation }) => operation.kind);
    expect(kinds).toEqual(['input', 'convolution', 'average-pool', 'relu6', 'global-average-pool', 'fully-connected']);
    expect(model.parameters.get('classifier.bias')?.shape).toEqual([4]);
    expect(model.parameters.get('a.bias')?.shape).toEqual([5]);
  });

  it.each([
    ['refused-sigmoid', 'MODEL_UNSUPPORTED', /node "activation" \(Sigmoid\)/],
    ['refused-opset-11', 'MODEL_OPSET', /operator set 11/],
    ['refused-unknown-size', 'MODEL_GRAPH', /n x 3 x height x width/],
    ['refused-nan', 'MODEL_NOT_FINITE', /"kernel" has NaN at position 46/],
    ['refused-float16', 'MODEL_UNSUPPORTED', /"kernel" is stored as float16/],
    ['refused-external-data', 'MODEL_EXTERNAL_DATA', /"kernel" lies outside/],
    ['refused-quantized', 'MODEL_UNSUPPORTED', /node "quantize" \(QuantizeLinear\): the model is quantized already/],
  ])('refuses %s, saying why', (name, reason, message) => {
    expect(() => importOnnx(fixture(name))).toThrowError(
      expect.objectContaining({ kind: 'invalid_argument', reason, message: expect.stringMatching(message) }),
    );
  });

  it('refuses what is no ONNX file and files that are cut short', () => {
    const whole = fixture('torch-residual');
    const cuts = [0, 10, whole.length >> 1, whole.length - 1].map((length) => whole.subarray(0, length));
    for (const bytes of [...cuts, Buffer.from('this is no model'), Buffer.from([0x89, 0x50, 0x4e, 0x47])]) {
      expect(() => importOnnx(bytes)).toThrowError(expect.objectContaining({ reason: 'MODEL_CORRUPT' }));
    }
  });

  it('meets any damage with a model or with a refusal, never with another error', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
    const names = fc.constantFrom('torch-residual', 'torch-residual-unfused', 'operators');
    fc.assert(
      fc.property(names, damage, (name, changes) => {
        const bytes = Uint8Array.from(fixture(name));
        for (const [position, value] of changes) bytes[position % bytes.length] = value;
        try {
          importOnnx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BitwrightError);
          expect(error).toMatchObject({ kind: 'invalid_argument' });
        }
      }),
      { numRuns: 1500 },
    );
  });
});
