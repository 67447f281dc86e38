import type { NetworkNode, Preprocessing } from '@bitwright/core';
import { createInputs, type Samples } from '@bitwright/datasets';
import type { IntegerGraph, IntegerNode } from '@bitwright/hago';
import { zeroPointOf } from '@bitwright/hago';
import { Tensor } from 'onnxruntime-node';
import { openForChecking } from '../jobs/onnx-classes.js';

/** What ONNX Runtime gives for some samples: logits, and the codes of every integer tensor in the order NHWC. */
export type RealizedRun = { readonly logits: Float32Array; readonly codes: ReadonlyMap<string, Int32Array> };

/** Runs a file that was exported with every tensor as an output. */
export async function runRealized(
  onnx: Uint8Array,
  graph: IntegerGraph,
  samples: Samples,
  preprocessing: Preprocessing,
): Promise<RealizedRun> {
  const session = await openForChecking(onnx);
  const { height, width, channels } = graph.network.input;
  const indices = Uint32Array.from({ length: samples.count }, (_, index) => index);
  const images = createInputs(samples, indices, preprocessing);
  if (channels !== 1) throw new Error('images of one channel have the same order in both layouts; these have more');
  const input = new Tensor('float32', images, [samples.count, channels, height, width]);
  const outputs = await session.run({ [session.inputNames[0] as string]: input });
  await session.release();
  const codes = new Map<string, Int32Array>();
  for (const node of graph.nodes) {
    const found = outputs[graph.requantization === 'kernel' ? `${node.id}.codes` : node.id];
    if (node.output.kind === 'integer' && found !== undefined) {
      codes.set(
        node.id,
        toChannelsLast(found.data as ArrayLike<number>, layoutOf(graph, node), samples.count, zeroOf(graph, node)),
      );
    }
  }
  return { logits: outputs[session.outputNames[0] as string]?.data as Float32Array, codes };
}

const zeroOf = ({ requantization }: IntegerGraph, { output }: IntegerNode) =>
  requantization === 'kernel' && output.kind === 'integer' ? zeroPointOf(output) : 0;

/** A flattened tensor has the layout of what it flattens. */
function layoutOf({ nodes }: Pick<IntegerGraph, 'nodes'>, { node }: IntegerNode): NetworkNode['output'] {
  const source = nodes.find(({ id }) => id === node.inputs[0]);
  return node.operation.kind === 'flatten' && source !== undefined ? layoutOf({ nodes }, source) : node.output;
}

function toChannelsLast(
  values: ArrayLike<number>,
  { height, width, channels }: NetworkNode['output'],
  count: number,
  zeroPoint: number,
): Int32Array {
  const pixels = height * width;
  const result = new Int32Array(count * pixels * channels);
  for (let image = 0; image < count; image += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        const value = values[(image * channels + channel) * pixels + pixel] as number;
        result[(image * pixels + pixel) * channels + channel] = value - zeroPoint;
      }
    }
  }
  return result;
}
