import type { Layer, LayerPrecision } from '@bitwright/core';
import { LAYER_SIZES } from '@bitwright/hardware-kit';
import type { LayerRequest, NetworkRequest } from '../runner.js';

/** Version of what a command gets on its standard input. */
export const REQUEST_SCHEMA = 'bitwright.runner/1';

/** One layer at one pair of bits, as JSON on one line. */
export function layerRequestJson({ layer, batch, samples }: LayerRequest, pair: LayerPrecision): string {
  return toLine({ schema: REQUEST_SCHEMA, ...layerFields(layer, pair), batch, samples });
}

/** A whole network: its layers in order, each with its bits. */
export function networkRequestJson(
  { layers, batch, samples }: NetworkRequest,
  precisions: readonly LayerPrecision[],
): string {
  const entries = layers.map((layer, index) => layerFields(layer, precisions[index] as LayerPrecision));
  return toLine({ schema: REQUEST_SCHEMA, layers: entries, batch, samples });
}

function layerFields(layer: Layer, { weightBits, activationBits }: LayerPrecision) {
  const sizes = Object.fromEntries(LAYER_SIZES.map((size) => [size, layer[size]]));
  const { name, kind, macs, weights } = layer;
  return { name, kind, ...sizes, macs, weights, weightBits, activationBits };
}

const toLine = (content: object) => `${JSON.stringify(content)}\n`;
