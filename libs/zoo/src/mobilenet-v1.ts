import type { Network } from '@bitwright/core';
import { addClassifier, createNetworkBuilder } from './network-builder.js';
import { unstridedStages, type ZooOptions } from './zoo-options.js';

/** Output channels and stride of the 13 depthwise separable blocks (Howard et al. 2017, table 1). */
const BLOCKS: readonly (readonly [number, number])[] = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
];

/** Channels under a width multiplier: the released networks round down and keep at least 8. */
const scaleChannels = (channels: number, width: number) => Math.max(8, Math.floor(channels * width));

/**
 * MobileNetV1 (arXiv 1704.04861) with ReLU6, as its authors released it. 28 layers: `stem`, `block1.depthwise`,
 * `block1.pointwise`, …, `classifier`.
 */
export function buildMobilenetV1({ width, imageSize, channels, classes, outputStride }: ZooOptions): Network {
  const builder = createNetworkBuilder({ height: imageSize, width: imageSize, channels });
  let keptStages = unstridedStages(outputStride);
  const strideOf = (published: number) => (published === 2 && keptStages-- > 0 ? 1 : published);
  const activation = 'relu6';
  const stem = { outChannels: scaleChannels(32, width), kernel: 3, stride: strideOf(2), activation } as const;
  let features = builder.convolution('stem', 'input', stem);
  BLOCKS.forEach(([outChannels, publishedStride], index) => {
    const id = `block${index + 1}`;
    const stride = strideOf(publishedStride);
    const inChannels = builder.shapeOf(features).channels;
    const depthwise = { outChannels: inChannels, kernel: 3, stride, groups: 'depthwise', activation } as const;
    const pointwise = { outChannels: scaleChannels(outChannels, width), kernel: 1, activation } as const;
    features = builder.convolution(`${id}.depthwise`, features, depthwise);
    features = builder.convolution(`${id}.pointwise`, features, pointwise);
  });
  addClassifier(builder, features, classes);
  return builder.finish('mobilenet-v1');
}
