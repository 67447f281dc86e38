/**
 * The shape in which a number for each output channel fits the end of a weight in TensorFlow's layout: a depthwise one ends
 * in (channel, multiplier), the others in the output channel.
 */
export const channelShape = (weight: readonly number[], outChannels: number): readonly number[] =>
  weight.at(-1) === outChannels ? [outChannels] : weight.slice(2);
