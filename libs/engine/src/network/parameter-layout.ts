import type { Layer, NetworkNode, ParameterTensor } from '@bitwright/core';

/**
 * The shape of a parameter in TensorFlow: HWIO for a convolution, `[height, width, channel, multiplier]` for a
 * depthwise one, `[in, out]` for a fully connected layer; vectors stay.
 */
export function toTensorflowShape({ operation }: NetworkNode, shape: readonly number[]): readonly number[] {
  const [outChannels = 1, inChannels = 1, height = 1, width = 1] = shape;
  if (shape.length === 2) return [inChannels, outChannels];
  if (shape.length !== 4) return shape;
  const groups = operation.kind === 'convolution' ? operation.groups : 1;
  const depthwise = groups > 1 && inChannels === 1;
  return depthwise ? [height, width, groups, outChannels / groups] : [height, width, inChannels, outChannels];
}

/** The shape of a layer's weight in the core: OIHW, or `[out, in]`. */
export function weightShape(layer: Layer): readonly number[] {
  const { kind, inChannels, outChannels, groups, kernelHeight, kernelWidth } = layer;
  return kind === 'fully-connected'
    ? [outChannels, inChannels]
    : [outChannels, inChannels / groups, kernelHeight, kernelWidth];
}

/** Values in TensorFlow's order; vectors are given back as they are. */
export function toTensorflowValues({ shape, values }: ParameterTensor): Float32Array {
  if (shape.length < 2) return values;
  const { outChannels, inChannels, area } = weightSizes(shape);
  const result = new Float32Array(values.length);
  let source = 0;
  for (let o = 0; o < outChannels; o += 1) {
    for (let i = 0; i < inChannels; i += 1) {
      for (let position = 0; position < area; position += 1) {
        result[(position * inChannels + i) * outChannels + o] = values[source++] as number;
      }
    }
  }
  return result;
}

/** The inverse of {@link toTensorflowValues}; `shape` is that of the domain (OIHW, OI). */
export function fromTensorflowValues(values: Float32Array, shape: readonly number[]): Float32Array {
  if (shape.length < 2) return values;
  const { outChannels, inChannels, area } = weightSizes(shape);
  const result = new Float32Array(values.length);
  let target = 0;
  for (let o = 0; o < outChannels; o += 1) {
    for (let i = 0; i < inChannels; i += 1) {
      for (let position = 0; position < area; position += 1) {
        result[target++] = values[(position * inChannels + i) * outChannels + o] as number;
      }
    }
  }
  return result;
}

/** Depthwise weights have one input channel, fully connected ones one position: all three are the same transposition. */
function weightSizes(shape: readonly number[]) {
  const [outChannels = 1, inChannels = 1, height = 1, width = 1] = shape;
  return { outChannels, inChannels, area: height * width };
}
