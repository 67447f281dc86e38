import type { Padding, TensorShape } from '@bitwright/core';
import { requireDimension, requireInteger, requireMessage } from './fields.js';
import type * as wire from './gen/bitwright/common/v1/network.js';
import { LIMITS } from './limits.js';

export function toWireShape({ height, width, channels }: TensorShape): wire.TensorShape {
  return { height, width, channels };
}

/** Throws `invalid_argument` when absent or when a side is 0. */
export function fromWireShape(message: wire.TensorShape | undefined, field: string): TensorShape {
  const { height, width, channels } = requireMessage(message, field);
  return {
    height: requireDimension(height, `${field}.height`),
    width: requireDimension(width, `${field}.width`),
    channels: requireDimension(channels, `${field}.channels`),
  };
}

export function toWirePadding({ top, left, bottom, right }: Padding): wire.Padding {
  return { top, left, bottom, right };
}

/** Absent padding is none. */
export function fromWirePadding(message: wire.Padding | undefined, field: string): Padding {
  const side = (name: keyof Padding) =>
    requireInteger(message?.[name] ?? 0, `${field}.${name}`, { min: 0, max: LIMITS.dimension });
  return { top: side('top'), left: side('left'), bottom: side('bottom'), right: side('right') };
}
