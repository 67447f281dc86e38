import type { Network } from '@bitwright/core';
import { addClassifier, createNetworkBuilder, type NetworkBuilder } from './network-builder.js';
import type { ZooOptions } from './zoo-options.js';

/** Channels of the three stages (He et al. 2016, section 4.2), three blocks each. */
const STAGE_CHANNELS = [16, 32, 64];
const BLOCKS_PER_STAGE = 3;

/**
 * ResNet-20 in its CIFAR form (arXiv 1512.03385): output stride 4. Where a stage begins, the shortcut is a strided
 * 1x1 convolution with batch normalization (the paper's option B; its CIFAR networks have option A, without
 * parameters). 22 layers: `stem`, `block1.first`, `block1.second`, …, `block4.shortcut`, …, `classifier`.
 */
export function buildResnet20({ width, imageSize, channels, classes }: ZooOptions): Network {
  const builder = createNetworkBuilder({ height: imageSize, width: imageSize, channels });
  const scaled = STAGE_CHANNELS.map((stage) => Math.max(8, Math.round(stage * width)));
  let features = builder.convolution('stem', 'input', {
    outChannels: scaled[0] as number,
    kernel: 3,
    activation: 'relu',
  });
  scaled.forEach((outChannels, stage) => {
    for (let block = 0; block < BLOCKS_PER_STAGE; block += 1) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      features = addBlock(builder, `block${stage * BLOCKS_PER_STAGE + block + 1}`, features, outChannels, stride);
    }
  });
  addClassifier(builder, features, classes);
  return builder.finish('resnet-20');
}

function addBlock(builder: NetworkBuilder, id: string, input: string, outChannels: number, stride: number): string {
  const first = builder.convolution(`${id}.first`, input, { outChannels, kernel: 3, stride, activation: 'relu' });
  const second = builder.convolution(`${id}.second`, first, { outChannels, kernel: 3 });
  const shortcut =
    stride === 1 ? input : builder.convolution(`${id}.shortcut`, input, { outChannels, kernel: 1, stride });
  const sum = builder.add(`${id}.add`, { kind: 'add' }, second, shortcut);
  return builder.add(`${id}.relu`, { kind: 'relu' }, sum);
}
