import type { Layer } from '@bitwright/core';

/** Whether the walk decides weights and activations (2L steps) or weights alone (L steps). */
export type Environment = 'linear' | 'k-means';

/** Columns of the state that describe the layer; the previous action follows, and in `linear` the flag. */
const STATIC_COLUMNS = 8;

/** Columns of a state s_t: 10 in `linear`, 9 in `k-means`. */
export const stateSize = (environment: Environment) => STATIC_COLUMNS + (environment === 'linear' ? 2 : 1);

/**
 * The layers' rows: depthwise?, input channels, output channels, stride, kernel, weights, input pixels, index; each
 * column scaled to 0..1 over the layers where it varies. The columns that the walk fills start as 1, so that scaling
 * leaves them alone.
 */
export function stateEmbedding(layers: readonly Layer[], environment: Environment): readonly Float64Array[] {
  const rows = layers.map(describeLayer);
  const scaled = rows.map((row) => row.map((value, column) => scale(value, rows, column)));
  return scaled.map((row) =>
    Float64Array.from([...row, ...new Array(stateSize(environment) - STATIC_COLUMNS).fill(1)]),
  );
}

/** As the reference has them: a fully connected layer counts as stride 0, kernel 1, its input features as pixels. */
function describeLayer(layer: Layer): readonly number[] {
  const { inChannels, outChannels, stride, kernelHeight, weights, inputHeight, inputWidth, index } = layer;
  if (layer.kind === 'fully-connected') return [0, inChannels, outChannels, 0, 1, weights, inChannels, index];
  const depthwise = layer.kind === 'depthwise' ? 1 : 0;
  return [depthwise, inChannels, outChannels, stride, kernelHeight, weights, inputHeight * inputWidth, index];
}

function scale(value: number, rows: readonly (readonly number[])[], column: number): number {
  const values = rows.map((row) => row[column] as number);
  const minimum = Math.min(...values);
  const range = Math.max(...values) - minimum;
  return range > 0 ? (value - minimum) / range : value;
}
