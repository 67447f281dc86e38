import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute, floats, reduce, reshape, sumOf } from '../operations/arithmetic.js';

/**
 * The orthonormal Haar basis of `2^bits` entries, row by row, with the mean first: band i (from 1) has the 2^(i-1)
 * wavelets that halving blocks for the i-th time adds. A gate of DDQ keeps or drops one band.
 */
export function haarBasis(bits: number): { readonly basis: Float32Array; readonly bandOf: Uint8Array } {
  const size = 2 ** bits;
  const basis = new Float32Array(size * size);
  const bandOf = new Uint8Array(size);
  for (let entry = 0; entry < size; entry += 1) basis[entry * size] = 1 / Math.sqrt(size);
  for (let band = 1; band <= bits; band += 1) {
    const support = size / 2 ** (band - 1);
    for (let wavelet = 0; wavelet < 2 ** (band - 1); wavelet += 1) {
      const column = 2 ** (band - 1) + wavelet;
      bandOf[column] = band;
      for (let at = 0; at < support; at += 1) {
        basis[(wavelet * support + at) * size + column] = (at < support / 2 ? -1 : 1) / Math.sqrt(support);
      }
    }
  }
  return { basis, bandOf };
}

/** Which gates are open: 1 as far as all scores are above 0, `[tensors, bits]`; the first `always` are. */
export function openGates(graph: GraphBuilder, scores: GraphTensor, always: number): GraphTensor {
  const { shape } = scores;
  const bits = shape[1] as number;
  const above = graph.operation('Greater', {
    inputs: [scores, floats(graph, 0)],
    attributes: { T: { type: 'float32' } },
    outputs: [{ dtype: 'bool', shape }],
  })[0] as GraphTensor;
  const open = graph.operation('Cast', {
    inputs: [above],
    attributes: { SrcT: { type: 'bool' }, DstT: { type: 'float32' } },
    outputs: [{ shape }],
  })[0] as GraphTensor;
  const least = floats(
    graph,
    Array.from({ length: bits }, (_, gate) => (gate < always ? 1 : 0)),
  );
  return product(graph, compute(graph, 'Maximum', [open, least]), false);
}

/** The running product along the gates; `exclusive` leaves a gate's own factor out. */
export function product(graph: GraphBuilder, gates: GraphTensor, exclusive: boolean): GraphTensor {
  const attributes = {
    T: { type: 'float32' },
    Tidx: { type: 'int32' },
    exclusive: { bool: exclusive },
    reverse: { bool: false },
  } as const;
  const inputs = [gates, graph.constant(Int32Array.of(1), [])];
  return graph.operation('Cumprod', { inputs, attributes, outputs: [{ shape: gates.shape }] })[0] as GraphTensor;
}

/** Means over the blocks that the open gates leave, `[tensors, 2^bits]`: equal within a block to the last bit. */
export function averageBlocks(graph: GraphBuilder, values: GraphTensor, open: GraphTensor): GraphTensor {
  const [tensors = 1, size = 1] = values.shape;
  const bits = open.shape[1] as number;
  const chosen = oneHotBits(graph, open);
  const parts = Array.from({ length: bits }, (_, index) => {
    const blocks = 2 ** (index + 1);
    const length = size / blocks;
    const means = reshape(graph, reduce(graph, 'Mean', reshape(graph, values, [tensors, blocks, length]), [2]), [
      tensors,
      blocks,
      1,
    ]);
    const share = reshape(graph, chosen[index] as GraphTensor, [tensors, 1, 1]);
    const ones = graph.constant(new Float32Array(length).fill(1), [1, 1, length]);
    const spread = compute(graph, 'Mul', [compute(graph, 'Mul', [means, share]), ones], [tensors, blocks, length]);
    return reshape(graph, spread, [tensors, size]);
  });
  return sumOf(graph, parts);
}

/** For each number of bits from 1 on, `[tensors]`: 1 where it is the one in use. */
function oneHotBits(graph: GraphBuilder, open: GraphTensor): readonly GraphTensor[] {
  const [tensors = 1, bits = 1] = open.shape;
  const columns = graph.operation('Unpack', {
    inputs: [open],
    attributes: { T: { type: 'float32' }, num: { int: bits }, axis: { int: 1 } },
    outputs: Array.from({ length: bits }, () => ({ shape: [tensors] })),
  });
  return columns.map((column, index) => {
    const next = columns[index + 1];
    return next === undefined ? column : compute(graph, 'Sub', [column, next]);
  });
}
