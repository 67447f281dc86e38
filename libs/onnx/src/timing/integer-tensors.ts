import { FLOAT_BITS, type LayerPrecision, type Network, type NetworkNode } from '@bitwright/core';

/** What passes integers on: its output is integer where all that it reads is. */
const PASSES_ON: ReadonlySet<string> = new Set<NetworkNode['operation']['kind']>([
  'relu',
  'relu6',
  'add',
  'max-pool',
  'average-pool',
  'global-average-pool',
  'flatten',
]);

/** Ids of the tensors that integer kernels give: those of quantized layers, and of what passes such tensors on. */
export function integerTensors(network: Network, bits: ReadonlyMap<string, LayerPrecision>): ReadonlySet<string> {
  const integer = new Set<string>();
  for (const { id, inputs, operation } of network.nodes) {
    const precision = bits.get(id);
    const isQuantized = precision !== undefined && precision.activationBits !== FLOAT_BITS;
    const isPassed = PASSES_ON.has(operation.kind) && inputs.every((input) => integer.has(input));
    if (isQuantized || isPassed) integer.add(id);
  }
  return integer;
}

/** The rectifier that alone reads a tensor: runtimes compute both in one kernel, so that there is nothing to quantize in between. */
export function rectifierOf({ nodes }: Network, tensor: string): string | undefined {
  const [reader, another] = nodes.filter(({ inputs }) => inputs.includes(tensor));
  return another === undefined && RECTIFIERS.has(reader?.operation.kind) ? reader?.id : undefined;
}

const RECTIFIERS: ReadonlySet<string | undefined> = new Set<NetworkNode['operation']['kind']>(['relu', 'relu6']);
