import type { Attribute, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { add, compute, floats, integer, multiply, subtract } from './arithmetic.js';
import type { OutputRange } from './batch-normalization.js';

/** A tensor on its grid, and the straight-through gradient; `clip` is the gradient of a learned clip threshold. */
export type QuantizedTensor = {
  readonly output: GraphTensor;
  /** Whether `backward` gives a gradient of the clip threshold. */
  readonly learns: boolean;
  readonly backward: (gradient: GraphTensor) => { readonly input: GraphTensor; readonly clip: GraphTensor | undefined };
};

export type ActivationQuantizer = {
  /** int32 scalar, 1..8. */
  readonly bits: GraphTensor;
  /** float scalar above 0: values are cut off at it, and at its negative when signed. */
  readonly clip: GraphTensor;
  readonly signed: boolean;
  /** PACT (arXiv 1805.06085): the threshold's gradient is the sum of the gradients of what it cut off. */
  readonly learnsClip: boolean;
};

/**
 * Fake quantization of an activation, per tensor, rounding half to even: unsigned `[0, c]` in steps of
 * `c / (2^b - 1)`, signed `[-c, c]` in steps of `c / (2^(b-1) - 1)`. An unsigned quantizer rectifies as well.
 * The gradient passes where the value was inside the range. Not for one signed bit: see {@link quantizeBinary}.
 */
export function quantizeActivation(
  graph: GraphBuilder,
  input: GraphTensor,
  quantizer: ActivationQuantizer,
): QuantizedTensor {
  const { signed, clip, bits } = quantizer;
  const lowest = signed ? compute(graph, 'Neg', [clip]) : floats(graph, 0);
  const attributes: Record<string, Attribute> = {
    T: { type: 'float32' },
    signed_input: { bool: signed },
    range_given: { bool: true },
    narrow_range: { bool: signed },
  };
  const output = graph.operation('QuantizeAndDequantizeV3', {
    inputs: [input, lowest, clip, bits],
    attributes,
    outputs: [{ shape: input.shape }],
  })[0] as GraphTensor;
  return {
    output,
    learns: quantizer.learnsClip,
    backward: (gradient) => straightThrough(graph, quantizer, gradient, input, lowest),
  };
}

/** The same quantizer as what a normalization does in passing, see {@link OutputRange}. */
export function quantizedRange(
  graph: GraphBuilder,
  { bits, clip, signed, learnsClip }: ActivationQuantizer,
): OutputRange {
  const magnitudeBits = signed ? whole(graph, 'Sub', bits, 1) : bits;
  const attributes = { T: { type: 'int32' } } as const;
  const inputs = [integer(graph, 1), magnitudeBits];
  const power = graph.operation('LeftShift', { inputs, attributes, outputs: [{ dtype: 'int32', shape: [] }] });
  const highestCode = graph.operation('Cast', {
    inputs: [whole(graph, 'Sub', power[0] as GraphTensor, 1)],
    attributes: { SrcT: { type: 'int32' }, DstT: { type: 'float32' }, Truncate: { bool: false } },
    outputs: [{ shape: [] }],
  })[0] as GraphTensor;
  return {
    low: signed ? compute(graph, 'Neg', [clip]) : floats(graph, 0),
    high: clip,
    step: compute(graph, 'RealDiv', [clip, highestCode]),
    clip: learnsClip ? (signed ? 'signed' : 'unsigned') : undefined,
  };
}

function whole(graph: GraphBuilder, name: 'Sub', value: GraphTensor, by: number): GraphTensor {
  const attributes = { T: { type: 'int32' } } as const;
  const outputs = [{ dtype: 'int32', shape: value.shape }] as const;
  return graph.operation(name, { inputs: [value, integer(graph, by)], attributes, outputs })[0] as GraphTensor;
}

function straightThrough(
  graph: GraphBuilder,
  { signed, clip, learnsClip }: ActivationQuantizer,
  gradient: GraphTensor,
  input: GraphTensor,
  lowest: GraphTensor,
) {
  if (!learnsClip) return { input: passInside(graph, gradient, input, lowest, clip), clip: undefined };
  // The bits do not matter here: the kernel uses them only to move the range so that it holds zero, which it does.
  const attributes = { num_bits: { int: 8 }, narrow_range: { bool: signed } } as const;
  const inputs = [gradient, input, lowest, clip];
  const outputs = [{ shape: input.shape }, { shape: [] }, { shape: [] }];
  const [inside, below, above] = graph.operation('FakeQuantWithMinMaxVarsGradient', {
    inputs,
    attributes,
    outputs,
  }) as [GraphTensor, GraphTensor, GraphTensor];
  return { input: inside, clip: signed ? subtract(graph, above, below) : above };
}

/** The gradient where `lowest <= input <= highest`, 0 elsewhere; the ends are scalars. */
export function passInside(
  graph: GraphBuilder,
  gradient: GraphTensor,
  input: GraphTensor,
  lowest: GraphTensor,
  highest: GraphTensor,
): GraphTensor {
  const outputs = [{ shape: input.shape }, { shape: [] }, { shape: [] }];
  const attributes = { T: { type: 'float32' } } as const;
  return graph.operation('QuantizeAndDequantizeV4Grad', {
    inputs: [gradient, input, lowest, highest],
    attributes,
    outputs,
  })[0] as GraphTensor;
}

/** One signed bit: `c` for values from 0, `-c` below. The gradient passes everywhere. */
export function quantizeBinary(graph: GraphBuilder, input: GraphTensor, clip: GraphTensor): QuantizedTensor {
  const sign = compute(graph, 'Sign', [input]);
  const isNegative = compute(graph, 'Minimum', [sign, floats(graph, 0)], input.shape);
  const code = add(graph, multiply(graph, isNegative, floats(graph, 2)), floats(graph, 1));
  return {
    output: multiply(graph, code, clip),
    learns: false,
    backward: (gradient) => ({ input: gradient, clip: undefined }),
  };
}
