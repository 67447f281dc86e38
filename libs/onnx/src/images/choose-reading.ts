import type { NetworkNode, TensorShape } from '@bitwright/core';
import { findColumnGroups, readColumnGroups } from './column-groups.js';
import { CHANNELS_AT_ONCE, type ImageReading } from './image-reading.js';
import { readPaddedChannels } from './padded-channels.js';

/** How a layer that reads tensors of this shape is written; nothing where it can be written as it is. */
export function chooseReading({ operation, output }: NetworkNode, input: TensorShape): ImageReading | undefined {
  if (operation.kind !== 'convolution' || operation.groups !== 1) return undefined;
  if (input.channels >= CHANNELS_AT_ONCE) return undefined;
  const groups = findColumnGroups(operation, input, output);
  return groups === undefined ? readPaddedChannels(operation, input.channels) : readColumnGroups(operation, groups);
}
