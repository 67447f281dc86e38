import type { LayerShape } from '@bitwright/hardware-kit';
import type { BitfusionProfile } from './profile.js';

/**
 * How a layer meets the array, whose rows take inputs and whose columns take output channels.
 * `channel-wise`: rows take input channels, one position of the kernel after the other. `im2col`: rows take all
 * positions of the kernel in all input channels, unrolled in memory. `own-planes`: rows take the positions of the
 * kernel in the one plane that an output channel reads.
 */
export type Lowering = 'channel-wise' | 'im2col' | 'own-planes';

/** The loops that a layer is cut into tiles along; `repeats` such nests run one after the other, one for each group. */
export type LoopNest = {
  readonly lowering: Lowering;
  readonly images: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  /** Output channels that read the same plane, in `own-planes`; 1 elsewhere. */
  readonly outputChannelsPerPlane: number;
  readonly repeats: number;
};

/** Turns a layer into loops: depthwise layers whole, other grouped layers group by group. */
export function lowerToLoopNest(profile: BitfusionProfile, layer: LayerShape, batch: number): LoopNest {
  const { outputHeight, outputWidth, kernelHeight, kernelWidth, stride, outChannels, groups } = layer;
  const common = { images: batch, outputHeight, outputWidth, kernelHeight, kernelWidth, stride };
  const inputChannels = layer.inChannels / groups;
  const channelsPerGroup = outChannels / groups;
  if (inputChannels === 1 && groups > 1) {
    const ownPlanes = profile.depthwiseLowering === 'own-planes';
    const lowering = ownPlanes ? 'own-planes' : 'im2col';
    const outputChannelsPerPlane = ownPlanes ? channelsPerGroup : 1;
    return { ...common, lowering, inputChannels, outputChannels: outChannels, outputChannelsPerPlane, repeats: 1 };
  }
  // Channels that do not fill the rows would leave them idle: the simulator unrolls a network's first layer.
  const lowering = inputChannels < profile.arrayRows ? 'im2col' : 'channel-wise';
  const channels = { inputChannels, outputChannels: channelsPerGroup, outputChannelsPerPlane: 1 };
  return { ...common, lowering, ...channels, repeats: groups };
}
