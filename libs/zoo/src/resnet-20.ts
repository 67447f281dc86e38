import type { Network } from '@bitwright/core';
import { addClassifier, createNetworkBuilder } from './network-builder.js';
import { addResidualStages } from './residual-stages.js';
import type { ZooOptions } from './zoo-options.js';

/** Channels of the three stages (He et al. 2016, section 4.2), three blocks each. */
const STAGE_CHANNELS = [16, 32, 64];
const BLOCKS_PER_STAGE = 3;

/**
 * ResNet-20 in its CIFAR form (arXiv 1512.03385): output stride 4; shortcuts as in option B (the paper's CIFAR networks
 * have option A, without parameters). 22 layers: `stem`, `block1.first`, `block1.second`, …, `block4.shortcut`, …,
 * `classifier`.
 */
export function buildResnet20({ width, imageSize, channels, classes }: ZooOptions): Network {
  const builder = createNetworkBuilder({ height: imageSize, width: imageSize, channels });
  const scaled = STAGE_CHANNELS.map((stage) => Math.max(8, Math.round(stage * width)));
  const outChannels = scaled[0] as number;
  const stem = builder.convolution('stem', 'input', { outChannels, kernel: 3, activation: 'relu' });
  const features = addResidualStages(builder, stem, { channels: scaled, blocksPerStage: BLOCKS_PER_STAGE });
  addClassifier(builder, features, classes);
  return builder.finish('resnet-20');
}
