import { invalidField, type Layer, type LayerKind } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { mapEntries, requireCount, requireDimension, requireText } from './fields.js';
import * as wire from './gen/bitwright/common/v1/network.js';
import { LIMITS } from './limits.js';

export const layerKinds = createEnumCodec<LayerKind, wire.LayerKind>({
  convolution: wire.LayerKind.LAYER_KIND_CONVOLUTION,
  pointwise: wire.LayerKind.LAYER_KIND_POINTWISE,
  depthwise: wire.LayerKind.LAYER_KIND_DEPTHWISE,
  'fully-connected': wire.LayerKind.LAYER_KIND_FULLY_CONNECTED,
});

export function toWireLayers(layers: readonly Layer[]): wire.Layer[] {
  return layers.map((layer) => ({ ...layer, kind: layerKinds.toWire(layer.kind) }));
}

/** 1 to 2000 layers, each with its position as index; throws `invalid_argument` naming the field. */
export function fromWireLayers(messages: readonly wire.Layer[], field: string): readonly Layer[] {
  return mapEntries(messages, field, { min: 1, max: LIMITS.layers }, fromWireLayer).map((layer, index) => {
    if (layer.index === index) return layer;
    throw invalidField(
      `${field}[${index}].index`,
      `is ${layer.index}; layers are numbered from 0 in order`,
      'LAYER_INDEX',
    );
  });
}

function fromWireLayer(message: wire.Layer, field: string): Layer {
  return {
    index: requireCount(message.index, `${field}.index`),
    name: requireText(message.name, `${field}.name`),
    kind: layerKinds.fromWire(message.kind, `${field}.kind`),
    ...fromWireSizes(message, field),
    macs: requireCount(message.macs, `${field}.macs`),
    weights: requireCount(message.weights, `${field}.weights`),
    inputElements: requireCount(message.inputElements, `${field}.input_elements`),
    outputElements: requireCount(message.outputElements, `${field}.output_elements`),
    inputTensor: requireText(message.inputTensor, `${field}.input_tensor`),
    inputSigned: message.inputSigned,
  };
}

function fromWireSizes(message: wire.Layer, field: string) {
  return {
    inChannels: requireDimension(message.inChannels, `${field}.in_channels`),
    outChannels: requireDimension(message.outChannels, `${field}.out_channels`),
    kernelHeight: requireDimension(message.kernelHeight, `${field}.kernel_height`),
    kernelWidth: requireDimension(message.kernelWidth, `${field}.kernel_width`),
    stride: requireDimension(message.stride, `${field}.stride`),
    groups: requireDimension(message.groups, `${field}.groups`),
    inputHeight: requireDimension(message.inputHeight, `${field}.input_height`),
    inputWidth: requireDimension(message.inputWidth, `${field}.input_width`),
    outputHeight: requireDimension(message.outputHeight, `${field}.output_height`),
    outputWidth: requireDimension(message.outputWidth, `${field}.output_width`),
  };
}
