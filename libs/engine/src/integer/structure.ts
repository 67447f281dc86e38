import type { IntegerGraph, IntegerNode } from '@bitwright/hago';

/** Sums below this are exact in float32. */
const EXACT_IN_FLOAT32 = 2 ** 24;

/** The largest code that a layer reads: an unsigned byte. */
const LARGEST_CODE = 255;

/** Whether a layer's sums may leave what float32 holds exactly, by its own weights: then it is computed in float64. */
export function needsFloat64({ kernel }: IntegerNode): boolean {
  const parameters = kernel?.parameters;
  if (parameters === undefined) return false;
  const { codes, shape, bias } = parameters;
  const channels = shape[0] as number;
  const perChannel = codes.length / channels;
  for (let channel = 0; channel < channels; channel += 1) {
    let sum = Math.abs(bias?.[channel] ?? 0);
    for (let at = channel * perChannel; at < (channel + 1) * perChannel; at += 1) {
      sum += LARGEST_CODE * Math.abs(codes[at] as number);
    }
    if (sum >= EXACT_IN_FLOAT32) return true;
  }
  return false;
}

/** Equal for graphs that one session can run, with other scales, codes and limits. */
export function structureKey(graph: IntegerGraph): string {
  const parts = graph.nodes.map((node) => {
    const conversions = node.inputs.map(({ source, conversion }) => `${source} ${describe(conversion)}`);
    const { kernel } = node;
    const ends = kernel?.requantization === undefined ? '' : ` r${kernel.requantization.multipliers.length}`;
    const limits = kernel?.limits === undefined ? '' : ` l${kernel.limits.highest.length}`;
    const formats = [...node.inputs.map(({ format }) => format), node.output];
    const signs = formats.map((format) => (format.kind === 'integer' && format.unsigned ? 'u' : 's')).join('');
    return `${node.id} ${signs} ${kernel?.type ?? 'float'}${ends}${limits} ${needsFloat64(node)} ${conversions.join(', ')}`;
  });
  return [graph.requantization, ...parts, describe(graph.output.conversion)].join('\n');
}

function describe(conversion: IntegerNode['inputs'][number]['conversion']): string {
  switch (conversion.kind) {
    case 'none':
      return 'none';
    case 'quantize':
      return `q ${conversion.to.type}`;
    case 'requantize':
      return `r ${conversion.to.type} ${conversion.multipliers.length}`;
    case 'dequantize':
      return `d ${conversion.from.scales.length}`;
  }
}
