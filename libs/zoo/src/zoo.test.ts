import { deriveLayers, type Layer } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { buildMobilenetV2, buildZooNetwork } from './index.js';

const imagenet = { width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 };
const sum = (layers: readonly Layer[], key: 'macs' | 'weights') =>
  layers.reduce((total, layer) => total + layer[key], 0);

describe('zoo networks', () => {
  it('build', () => {
    for (const network of ['mobilenet-v1', 'mobilenet-v2'])
      for (const [w, s, o] of [
        [1, 224, 32],
        [0.25, 224, 32],
        [0.35, 224, 32],
        [0.25, 32, 16],
        [0.35, 32, 16],
      ] as const) {
        const l = deriveLayers(buildZooNetwork({ ...imagenet, network, width: w, imageSize: s, outputStride: o }));
        console.log(network, w, s, l.length, sum(l, 'macs') / 1e6, sum(l, 'weights') / 1e6);
      }
    const l = deriveLayers(
      buildZooNetwork({ network: 'resnet-20', width: 1, imageSize: 32, channels: 3, classes: 10, outputStride: 4 }),
    );
    console.log(l.length, sum(l, 'macs') / 1e6, sum(l, 'weights') / 1e6);
  });
});
