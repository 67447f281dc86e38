import type { Network, Operation } from '@bitwright/core';
import { addClassifier, createNetworkBuilder } from './network-builder.js';
import { addResidualStages } from './residual-stages.js';
import type { ZooOptions } from './zoo-options.js';

/** Channels of the four stages (He et al. 2016, table 1), two blocks each. */
const STAGE_CHANNELS = [64, 128, 256, 512];
const BLOCKS_PER_STAGE = 2;

/** 3x3 with stride 2, as the first of the second stage in the paper's table 1. */
const POOL: Operation = {
  ...{ kind: 'max-pool', kernelHeight: 3, kernelWidth: 3, strideHeight: 2, strideWidth: 2 },
  padding: { top: 1, left: 1, bottom: 1, right: 1 },
};

/**
 * ResNet-18 (arXiv 1512.03385) for large images: output stride 32. 21 layers: `stem` (7x7), `block1.first`,
 * `block1.second`, …, `block3.shortcut`, …, `classifier`.
 */
export function buildResnet18({ width, imageSize, channels, classes }: ZooOptions): Network {
  const builder = createNetworkBuilder({ height: imageSize, width: imageSize, channels });
  const scaled = STAGE_CHANNELS.map((stage) => Math.max(8, Math.round(stage * width)));
  const outChannels = scaled[0] as number;
  const stem = builder.convolution('stem', 'input', { outChannels, kernel: 7, stride: 2, activation: 'relu' });
  const pooled = builder.add('stem.pool', POOL, stem);
  const features = addResidualStages(builder, pooled, { channels: scaled, blocksPerStage: BLOCKS_PER_STAGE });
  addClassifier(builder, features, classes);
  return builder.finish('resnet-18');
}
