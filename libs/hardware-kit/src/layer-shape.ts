import { type FieldViolation, invalidField, invalidFields, type LayerKind } from '@bitwright/core';
import type { LayerShape } from './accelerator.js';

/** The numbers of a layer's shape. */
export const LAYER_SIZES = [
  'inChannels',
  'outChannels',
  'kernelHeight',
  'kernelWidth',
  'stride',
  'groups',
  'inputHeight',
  'inputWidth',
  'outputHeight',
  'outputWidth',
] as const satisfies readonly (keyof LayerShape)[];

/** Complete by its type: a new kind does not compile until it is here. */
const KINDS: Readonly<Record<LayerKind, true>> = {
  convolution: true,
  pointwise: true,
  depthwise: true,
  'fully-connected': true,
};

export const LAYER_KINDS = Object.keys(KINDS) as readonly LayerKind[];

/** Passes of the widest bit-serial product (8 x 8 bits): the head-room that counts of bit operations need. */
const WIDEST_PRODUCT = 64;

/** One text for one shape: layers with equal keys cost the same on every accelerator. */
export function layerShapeKey(layer: LayerShape): string {
  return `${layer.kind};${LAYER_SIZES.map((size) => layer[size]).join(';')}`;
}

/** A shape in words, for messages: `pointwise 32 to 64 channels, 112x112 to 112x112, kernel 1x1, stride 1, groups 1`. */
export function describeShape(layer: LayerShape): string {
  const { kind, inChannels, outChannels, kernelHeight, kernelWidth, stride, groups } = layer;
  if (kind === 'fully-connected') return `${kind} ${inChannels} to ${outChannels}`;
  const sizes = `${layer.inputHeight}x${layer.inputWidth} to ${layer.outputHeight}x${layer.outputWidth}`;
  const window = `kernel ${kernelHeight}x${kernelWidth}, stride ${stride}, groups ${groups}`;
  return `${kind} ${inChannels} to ${outChannels} channels, ${sizes}, ${window}`;
}

/** Multiply-accumulates of one image. */
export function macsOf(layer: LayerShape): number {
  const depth = (layer.inChannels / layer.groups) * layer.kernelHeight * layer.kernelWidth;
  return layer.outputHeight * layer.outputWidth * layer.outChannels * depth;
}

/**
 * Throws one `invalid_argument` that names every field that no hardware model can work with: no layers, unknown kinds,
 * sizes that are not positive integers, groups that do not divide the channels, work that is too large to count.
 */
export function assertLayers(layers: readonly LayerShape[], batch: number, field = 'layers'): void {
  if (layers.length === 0) throw invalidField(field, 'has no layer', 'LAYERS_EMPTY');
  const violations = layers.flatMap((layer, index) => layerViolations(layer, batch, `${field}[${index}]`));
  if (violations.length > 0) throw invalidFields(violations.slice(0, 20), 'LAYER_INVALID');
}

/** What {@link assertLayers} has against one layer. */
export function layerViolations(layer: LayerShape, batch: number, field: string): readonly FieldViolation[] {
  if (!Object.hasOwn(KINDS, layer.kind)) {
    return [{ field: `${field}.kind`, description: `is "${layer.kind}"; use ${LAYER_KINDS.join(', ')}` }];
  }
  const sizes = LAYER_SIZES.filter((size) => !(Number.isSafeInteger(layer[size]) && layer[size] > 0));
  if (sizes.length > 0) {
    return sizes.map((size) => ({
      field: `${field}.${size}`,
      description: `is ${layer[size]}; use a positive integer`,
    }));
  }
  if (layer.inChannels % layer.groups !== 0 || layer.outChannels % layer.groups !== 0) {
    const channels = `${layer.inChannels} input and ${layer.outChannels} output channels`;
    return [{ field: `${field}.groups`, description: `is ${layer.groups}, which does not divide ${channels}` }];
  }
  if (macsOf(layer) * batch * WIDEST_PRODUCT <= Number.MAX_SAFE_INTEGER) return [];
  return [{ field, description: `has ${macsOf(layer).toExponential(2)} MACs an image, too many to count exactly` }];
}
