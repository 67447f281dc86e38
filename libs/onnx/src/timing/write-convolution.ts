import { hasFewChannels, padWeight } from '../export/few-channels.js';
import { writeOperation } from '../export/write-operation.js';
import type { TimedNode } from './timed-node.js';
import { writeTimingWeight } from './write-timing-weight.js';

/** Writes a convolution of codes; images of few channels get as many as kernels read at once, as in a realized network. */
export function writeQuantizedConvolution(timed: TimedNode): void {
  const { writer, node, parameters, quantizers, precision } = timed;
  const { weightBits, activationBits } = precision;
  const [tensor = ''] = node.inputs;
  const shape = parameters.get(`${node.id}.weight`)?.shape ?? [];
  const padded = hasFewChannels(node.operation, shape);
  const input = padded
    ? quantizers.quantizeImages(tensor, activationBits, node.id, shape[1] as number)
    : quantizers.quantize(tensor, activationBits);
  writeOperation(timed, node, [input], ({ id }, weight) =>
    writeTimingWeight(writer, `${id}.weight`, padded ? padWeight(weight) : weight, weightBits),
  );
}
