import type { NetworkBuilder } from './network-builder.js';

export type ResidualStages = {
  /** Channels of each stage; every stage but the first begins with stride 2. */
  readonly channels: readonly number[];
  readonly blocksPerStage: number;
};

/**
 * Stages of basic blocks (He et al. 2016, arXiv 1512.03385): two 3x3 convolutions around a shortcut, which is a strided
 * 1x1 convolution with batch normalization where a stage begins (option B). Nodes `block1.first`, `block1.second`, …
 */
export function addResidualStages(
  builder: NetworkBuilder,
  input: string,
  { channels, blocksPerStage }: ResidualStages,
): string {
  let features = input;
  channels.forEach((outChannels, stage) => {
    for (let block = 0; block < blocksPerStage; block += 1) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      features = addBlock(builder, `block${stage * blocksPerStage + block + 1}`, features, outChannels, stride);
    }
  });
  return features;
}

function addBlock(builder: NetworkBuilder, id: string, input: string, outChannels: number, stride: number): string {
  const first = builder.convolution(`${id}.first`, input, { outChannels, kernel: 3, stride, activation: 'relu' });
  const second = builder.convolution(`${id}.second`, first, { outChannels, kernel: 3 });
  const shortcut =
    stride === 1 ? input : builder.convolution(`${id}.shortcut`, input, { outChannels, kernel: 1, stride });
  const sum = builder.add(`${id}.add`, { kind: 'add' }, second, shortcut);
  return builder.add(`${id}.relu`, { kind: 'relu' }, sum);
}
