import type { Network } from '@bitwright/core';
import { addClassifier, createNetworkBuilder, type NetworkBuilder } from './network-builder.js';
import { unstridedStages, type ZooOptions } from './zoo-options.js';

/** Expansion factor t, output channels c, repeats n and first stride s of each stage (Sandler et al. 2018, table 2). */
const STAGES: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** The nearest multiple of 8, at least 8, and never more than a tenth below the wanted number. */
export function divisibleByEight(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

export type MobilenetV2Variant = {
  /** Keeps the stem at 32 channels below width 1, as the HAQ reference's quantized network does. */
  readonly fixedStem?: boolean;
};

type Block = { readonly expansion: number; readonly outChannels: number; readonly stride: number };

/**
 * MobileNetV2 (arXiv 1801.04381). 53 layers: `stem`, `block1.depthwise`, `block1.project`, `block2.expand`, …,
 * `head` (1280 channels, not scaled below width 1), `classifier`.
 */
export function buildMobilenetV2(options: ZooOptions, { fixedStem = false }: MobilenetV2Variant = {}): Network {
  const { width, imageSize, channels, classes, outputStride } = options;
  const builder = createNetworkBuilder({ height: imageSize, width: imageSize, channels });
  let keptStages = unstridedStages(outputStride);
  const strideOf = (published: number) => (published === 2 && keptStages-- > 0 ? 1 : published);
  const stemChannels = fixedStem && width < 1 ? 32 : divisibleByEight(32 * width);
  const activation = 'relu6';
  let features = builder.convolution('stem', 'input', {
    outChannels: stemChannels,
    kernel: 3,
    stride: strideOf(2),
    activation,
  });
  let count = 0;
  for (const [expansion, stageChannels, repeats, publishedStride] of STAGES) {
    const stageStride = strideOf(publishedStride);
    const outChannels = divisibleByEight(stageChannels * width);
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      count += 1;
      const stride = repeat === 0 ? stageStride : 1;
      features = addBlock(builder, `block${count}`, features, { expansion, outChannels, stride });
    }
  }
  const headChannels = divisibleByEight(1280 * Math.max(1, width));
  features = builder.convolution('head', features, { outChannels: headChannels, kernel: 1, activation });
  addClassifier(builder, features, classes);
  return builder.finish('mobilenet-v2');
}

/** An inverted residual block; it adds its input where the shapes allow. */
function addBlock(
  builder: NetworkBuilder,
  id: string,
  input: string,
  { expansion, outChannels, stride }: Block,
): string {
  const activation = 'relu6';
  const inChannels = builder.shapeOf(input).channels;
  const hidden = inChannels * expansion;
  const expanded =
    expansion === 1
      ? input
      : builder.convolution(`${id}.expand`, input, { outChannels: hidden, kernel: 1, activation });
  const depthwise = { outChannels: hidden, kernel: 3, stride, groups: 'depthwise', activation } as const;
  const filtered = builder.convolution(`${id}.depthwise`, expanded, depthwise);
  const projected = builder.convolution(`${id}.project`, filtered, { outChannels, kernel: 1 });
  const isResidual = stride === 1 && inChannels === outChannels;
  return isResidual ? builder.add(`${id}.add`, { kind: 'add' }, projected, input) : projected;
}
