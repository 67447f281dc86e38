import type { Convolution, Operation, Pooling } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { requireDimension, requireMessage, requirePositive } from './fields.js';
import * as wire from './gen/bitwright/common/v1/network.js';
import { fromWirePadding, toWirePadding } from './shape.js';

type WireOperation = NonNullable<wire.NetworkNode['operation']>;

const activations = createEnumCodec<'relu' | 'relu6', wire.ActivationFunction>({
  relu: wire.ActivationFunction.ACTIVATION_FUNCTION_RELU,
  relu6: wire.ActivationFunction.ACTIVATION_FUNCTION_RELU6,
});

const pools = createEnumCodec<'max-pool' | 'average-pool', wire.PoolFunction>({
  'max-pool': wire.PoolFunction.POOL_FUNCTION_MAXIMUM,
  'average-pool': wire.PoolFunction.POOL_FUNCTION_AVERAGE,
});

export function toWireOperation(operation: Operation): WireOperation {
  switch (operation.kind) {
    case 'input':
      return { $case: 'input', value: {} };
    case 'convolution':
      return { $case: 'convolution', value: toWireConvolution(operation) };
    case 'fully-connected':
      return { $case: 'fullyConnected', value: { outFeatures: operation.outFeatures, bias: operation.bias } };
    case 'batch-normalization':
      return { $case: 'batchNormalization', value: { epsilon: operation.epsilon } };
    case 'relu':
    case 'relu6':
      return { $case: 'activation', value: { function: activations.toWire(operation.kind) } };
    case 'add':
      return { $case: 'add', value: {} };
    case 'max-pool':
    case 'average-pool':
      return { $case: 'pool', value: toWirePool(operation) };
    case 'global-average-pool':
      return { $case: 'globalAveragePool', value: {} };
    case 'flatten':
      return { $case: 'flatten', value: {} };
  }
}

/** `field` is the path of the node, whose oneof fields stand directly in it. */
export function fromWireOperation(message: WireOperation | undefined, field: string): Operation {
  const operation = requireMessage(message, `${field}.operation`);
  switch (operation.$case) {
    case 'input':
      return { kind: 'input' };
    case 'convolution':
      return fromWireConvolution(operation.value, `${field}.convolution`);
    case 'fullyConnected':
      return fromWireFullyConnected(operation.value, `${field}.fully_connected`);
    case 'batchNormalization': {
      const epsilon = requirePositive(operation.value.epsilon, `${field}.batch_normalization.epsilon`, 1);
      return { kind: 'batch-normalization', epsilon };
    }
    case 'activation':
      return { kind: activations.fromWire(operation.value.function, `${field}.activation.function`) };
    case 'add':
      return { kind: 'add' };
    case 'pool':
      return fromWirePool(operation.value, `${field}.pool`);
    case 'globalAveragePool':
      return { kind: 'global-average-pool' };
    case 'flatten':
      return { kind: 'flatten' };
  }
}

function toWireConvolution(operation: Convolution): wire.Convolution {
  const { kind: _, padding, ...sizes } = operation;
  return { ...sizes, padding: toWirePadding(padding) };
}

function fromWireConvolution(message: wire.Convolution, field: string): Convolution {
  return {
    kind: 'convolution',
    outChannels: requireDimension(message.outChannels, `${field}.out_channels`),
    ...fromWireWindow(message, field),
    groups: requireDimension(message.groups, `${field}.groups`),
    bias: message.bias,
  };
}

function fromWireFullyConnected(message: wire.FullyConnected, field: string): Operation {
  const outFeatures = requireDimension(message.outFeatures, `${field}.out_features`);
  return { kind: 'fully-connected', outFeatures, bias: message.bias };
}

function toWirePool({ kind, padding, ...sizes }: Pooling): wire.Pool {
  return { ...sizes, function: pools.toWire(kind), padding: toWirePadding(padding) };
}

function fromWirePool(message: wire.Pool, field: string): Pooling {
  return { kind: pools.fromWire(message.function, `${field}.function`), ...fromWireWindow(message, field) };
}

function fromWireWindow(message: wire.Convolution | wire.Pool, field: string) {
  return {
    kernelHeight: requireDimension(message.kernelHeight, `${field}.kernel_height`),
    kernelWidth: requireDimension(message.kernelWidth, `${field}.kernel_width`),
    strideHeight: requireDimension(message.strideHeight, `${field}.stride_height`),
    strideWidth: requireDimension(message.strideWidth, `${field}.stride_width`),
    padding: fromWirePadding(message.padding, `${field}.padding`),
  };
}
