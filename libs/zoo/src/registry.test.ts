import { readFileSync } from 'node:fs';
import { deriveLayers, type Layer, type Network } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMobilenetV2, buildZooNetwork, ZOO, zooOptions } from './index.js';

const IMAGENET = { width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 };
const layersOf = (network: Network) => deriveLayers(network);
const total = (layers: readonly Layer[], key: 'macs' | 'weights') => layers.reduce((sum, layer) => sum + layer[key], 0);

/** Rows of the HAQ reference's own state embedding; see the file's `source`. */
const HAQ: { networks: { width: number; image_size: number; classes: number; rows: number[][] }[] } = JSON.parse(
  readFileSync(new URL('../fixtures/haq-layers.json', import.meta.url), 'utf8'),
);

function toHaqRow(layer: Layer): number[] {
  const isFullyConnected = layer.kind === 'fully-connected';
  const pixels = isFullyConnected ? layer.inChannels : layer.inputHeight * layer.inputWidth;
  const stride = isFullyConnected ? 0 : layer.stride;
  return [
    layer.kind === 'depthwise' ? 1 : 0,
    layer.inChannels,
    layer.outChannels,
    stride,
    layer.kernelHeight,
    layer.weights,
    pixels,
  ];
}

describe('zoo', () => {
  it('builds MobileNetV1 with the published layers, multiplications and weights', () => {
    const layers = layersOf(buildZooNetwork({ ...IMAGENET, network: 'mobilenet-v1' }));
    expect(layers).toHaveLength(28);
    expect(total(layers, 'macs') / 1e6).toBeCloseTo(568.74, 2);
    expect(total(layers, 'weights') / 1e6).toBeCloseTo(4.21, 2);
  });

  it('builds MobileNetV2 with the published layers, multiplications and weights', () => {
    const layers = layersOf(buildZooNetwork({ ...IMAGENET, network: 'mobilenet-v2' }));
    expect(layers).toHaveLength(53);
    expect(total(layers, 'macs') / 1e6).toBeCloseTo(300.77, 2);
    expect(total(layers, 'weights') / 1e6).toBeCloseTo(3.47, 2);
  });

  it('scales channels as published: MobileNetV1 0.25 has 41 million multiplications, MobileNetV2 0.35 59 million', () => {
    const first = layersOf(buildZooNetwork({ ...IMAGENET, network: 'mobilenet-v1', width: 0.25 }));
    const second = layersOf(buildZooNetwork({ ...IMAGENET, network: 'mobilenet-v2', width: 0.35 }));
    expect(Math.round(total(first, 'macs') / 1e6)).toBe(41);
    expect(Math.round(total(second, 'macs') / 1e6)).toBe(59);
  });

  it('orders and shapes the layers of MobileNetV2 as the HAQ reference does', () => {
    for (const { width, image_size, classes, rows } of HAQ.networks) {
      const options = { ...IMAGENET, network: 'mobilenet-v2', width, imageSize: image_size, classes };
      // The reference does not scale the stem of its quantized network.
      expect(layersOf(buildMobilenetV2(options, { fixedStem: true })).map(toHaqRow)).toEqual(rows);
    }
  });

  it('builds ResNet-18 with the published layers, multiplications and weights', () => {
    const layers = layersOf(buildZooNetwork({ ...IMAGENET, network: 'resnet-18' }));
    expect(layers).toHaveLength(21);
    expect(total(layers, 'macs') / 1e9).toBeCloseTo(1.814, 3);
    // 11.69 million parameters without those of batch normalization and the bias.
    expect(total(layers, 'weights') / 1e6).toBeCloseTo(11.68, 2);
  });

  it('builds ResNet-20 with 22 layers and about 41 million multiplications at 32 x 32', () => {
    const options = { network: 'resnet-20', width: 1, imageSize: 32, channels: 3, classes: 10, outputStride: 4 };
    const layers = layersOf(buildZooNetwork(options));
    expect(layers).toHaveLength(22);
    expect(Math.round(total(layers, 'macs') / 1e6)).toBe(41);
    expect(layers.filter(({ name }) => name.endsWith('.shortcut')).map(({ name }) => name)).toEqual([
      'block4.shortcut',
      'block7.shortcut',
    ]);
  });

  it.each([
    [32, 1],
    [16, 2],
    [8, 4],
  ])('ends at %i times smaller feature maps when asked to', (outputStride, size) => {
    for (const network of ['mobilenet-v1', 'mobilenet-v2']) {
      const built = buildZooNetwork({ network, width: 0.25, imageSize: 32, channels: 1, classes: 10, outputStride });
      const features = built.nodes.at(-3)?.output;
      expect([features?.height, features?.width]).toEqual([size, size]);
    }
  });

  it('gives short, unique, readable node ids', () => {
    const { nodes } = buildZooNetwork({ ...IMAGENET, network: 'mobilenet-v2' });
    const ids = nodes.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 8)).toEqual([
      'input',
      'stem',
      'stem.norm',
      'stem.relu',
      'block1.depthwise',
      'block1.depthwise.norm',
      'block1.depthwise.relu',
      'block1.project',
    ]);
    expect(ids).toEqual(
      expect.arrayContaining([
        'block3.expand',
        'block3.depthwise',
        'block3.project',
        'block3.add',
        'head',
        'classifier',
      ]),
    );
  });

  it('chooses the output stride by the image size unless it is given', () => {
    const source = { kind: 'zoo', network: 'mobilenet-v2', width: 1, classes: 10 } as const;
    expect(zooOptions({ ...source, imageSize: 224 }, 3).outputStride).toBe(32);
    expect(zooOptions({ ...source, imageSize: 32 }, 3).outputStride).toBe(16);
    expect(zooOptions({ ...source, imageSize: 32, outputStride: 32 }, 3).outputStride).toBe(32);
    expect(zooOptions({ ...source, network: 'resnet-20', imageSize: 32 }, 3).outputStride).toBe(4);
  });

  it('builds consistent networks for any width and size', () => {
    const any = fc.record({
      definition: fc.constantFrom(...ZOO),
      width: fc.double({ min: 0.1, max: 2, noNaN: true }),
      imageSize: fc.integer({ min: 16, max: 96 }),
      channels: fc.constantFrom(1, 3),
      classes: fc.integer({ min: 2, max: 1000 }),
    });
    fc.assert(
      fc.property(any, ({ definition, ...sizes }) => {
        const outputStride = definition.outputStrides[0] as number;
        const network = buildZooNetwork({ network: definition.name, ...sizes, outputStride });
        expect(network.nodes.at(-1)?.output.channels).toBe(sizes.classes);
        for (const layer of layersOf(network)) expect(layer.macs).toBeGreaterThan(0);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses unknown networks and options out of range, naming them', () => {
    const options = { ...IMAGENET, network: 'mobilenet-v2' };
    expect(() => buildZooNetwork({ ...options, network: 'vgg' })).toThrowError(
      /mobilenet-v1, mobilenet-v2, resnet-18, resnet-20/,
    );
    expect(() => buildZooNetwork({ ...options, width: 0, imageSize: 2.5, outputStride: 5 })).toThrowError(
      expect.objectContaining({
        kind: 'invalid_argument',
        violations: [
          expect.objectContaining({ field: 'width' }),
          expect.objectContaining({ field: 'imageSize' }),
          expect.objectContaining({ field: 'outputStride' }),
        ],
      }),
    );
  });
});
