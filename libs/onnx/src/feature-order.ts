import type { Network, NetworkNode, ParameterTensor, TensorShape } from '@bitwright/core';

/**
 * Flattened features are ordered height, width, channels in the core (NHWC) and channels, height, width in ONNX.
 * Reorders the columns of a fully connected weight `[out, in]` that reads features of this shape.
 */
export function reorderColumns(weight: ParameterTensor, shape: TensorShape, to: 'onnx' | 'core'): ParameterTensor {
  const { height, width, channels } = shape;
  const features = height * width * channels;
  const values = new Float32Array(weight.values.length);
  for (let row = 0; row < values.length; row += features) {
    for (let pixel = 0; pixel < height * width; pixel += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const core = row + pixel * channels + channel;
        const onnx = row + channel * height * width + pixel;
        if (to === 'onnx') values[onnx] = weight.values[core] as number;
        else values[core] = weight.values[onnx] as number;
      }
    }
  }
  return { shape: weight.shape, values };
}

/** The shape that a node's input features were flattened from, looking back through element-wise operations. */
export function flattenedShape(network: Network, node: NetworkNode): TensorShape | undefined {
  const nodes = new Map(network.nodes.map((candidate) => [candidate.id, candidate]));
  let source = nodes.get(node.inputs[0] ?? '');
  while (source !== undefined && (source.operation.kind === 'relu' || source.operation.kind === 'relu6')) {
    source = nodes.get(source.inputs[0] ?? '');
  }
  if (source === undefined) return undefined;
  const shape = source.operation.kind === 'flatten' ? nodes.get(source.inputs[0] ?? '')?.output : source.output;
  return shape !== undefined && shape.height * shape.width > 1 ? shape : undefined;
}
