import type { ParameterTensor } from '@bitwright/core';
import { shapeOf } from '../export/float-layers.js';
import { writeOperation } from '../export/write-operation.js';
import { chooseReading } from '../images/choose-reading.js';
import type { ImageReading } from '../images/image-reading.js';
import { rectifierOf } from './integer-tensors.js';
import type { TimedNode } from './timed-node.js';
import { writeTimingWeight } from './write-timing-weight.js';

/** Writes a convolution of codes; images are read as in a realized network. */
export function writeQuantizedConvolution(timed: TimedNode): void {
  const { network, node, quantizers, precision } = timed;
  const [tensor = ''] = node.inputs;
  const reading = chooseReading(node, shapeOf(network, tensor));
  if (reading === undefined) {
    writeConvolution(timed, quantizers.quantize(tensor, precision.activationBits));
    return;
  }
  quantizers.noteReading(rectifierOf(network, node.id) ?? node.id, reading);
  const images = quantizers.quantizeImages(tensor, precision.activationBits, node.id, reading);
  writeConvolution(arrange(timed, reading), images);
}

function writeConvolution(timed: TimedNode, input: string): void {
  writeOperation(timed, timed.node, [input], ({ id }, weight) =>
    writeTimingWeight(timed.writer, `${id}.weight`, weight, timed.precision.weightBits),
  );
}

/** The convolution that reads images as they are arranged, with its parameters. */
function arrange(timed: TimedNode, { convolution, weight, outputs }: ImageReading): TimedNode {
  const { node, parameters } = timed;
  const roles = ['weight', 'bias'].map((role) => `${node.id}.${role}`) as [string, string];
  const [kernel, bias] = roles.map((role) => parameters.get(role)) as [ParameterTensor, ParameterTensor];
  const biases = outputs(bias.values);
  return {
    ...timed,
    node: { ...node, operation: convolution },
    parameters: new Map([
      [roles[0], weight(kernel)],
      [roles[1], { shape: [biases.length], values: biases }],
    ]),
  };
}
