import type { Feed, GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { add, compute, floats, matrixProduct, multiply, subtract } from '../operations/arithmetic.js';
import { averageBlocks, haarBasis, product } from '../quantization/level-gates.js';
import type { LevelVariables } from '../quantization/level-variables.js';
import { zeros } from './emit-optimizer.js';

/** What moves levels and gates in one step. */
export type LevelRates = {
  /** Of Adam, in shares of a tensor's first range. */
  readonly levels: number;
  /** The gradient correction: how far a level goes towards the mean of the values nearest to it, 0..1. */
  readonly correction: number;
  /** The most that a gate's score moves. */
  readonly gates: number;
  /** What each gate's bit costs by the penalty, `[tensors, B]` row by row; where it costs nothing the score stays. */
  readonly pressure: Float32Array;
};

/** Nodes that move levels and scores after the backward pass; `reset` forgets earlier steps. */
export type EmittedLevelUpdate = {
  readonly step: readonly string[];
  readonly reset: readonly string[];
  readonly feeds: (rates: LevelRates) => readonly Feed[];
};

export type LevelUpdateOptions = {
  readonly batchSize: number;
  /**
   * Terms of the Taylor series by which closing a gate is judged: 1, its gradient (DDQ), or 2, with the curvature by the
   * squared gradients (the diagonal of the empirical Fisher information).
   */
  readonly order: 1 | 2;
};

const [FIRST_MOMENT, SECOND_MOMENT, SMALLEST] = [0.9, 0.999, 1e-12];

/**
 * One step of DDQ's parameters. ∂L/∂q is the mean over each block of the gradients by level, and ∂L/∂g_i, with the Haar
 * basis W, the sum of (∂L/∂q W) ∘ (q W) over band i; closed gates have none but by the curvature. Levels go by Adam and
 * towards their values' means, and are sorted again. Scores go down their gradient, which is measured in what the gate's
 * bit costs and cut off at that: gates of small and large layers then move at the same speed, and no batch moves one far.
 * They are held within 1 of 0, where the surrogate of the step function passes the gradient.
 */
export function emitLevelUpdate(
  graph: GraphBuilder,
  variables: LevelVariables,
  options: LevelUpdateOptions,
): EmittedLevelUpdate {
  const [tensors = 1, bits = 1] = variables.open.shape;
  const rates = {
    levels: scalar(graph),
    correction: scalar(graph),
    gates: scalar(graph),
  };
  const pressure = graph.placeholder('float32', [tensors, bits]);
  const bands = emitBands(graph, tensors, bits);
  const [gradients, squares, values, counts] = stackSums(graph, variables);
  const toLevels = averageBlocks(graph, multiply(graph, gradients, variables.units), variables.open);
  const levelSpectrum = matrixProduct(graph, variables.levelValues, bands.basis);
  const adam = emitAdam(graph, variables, toLevels, rates.levels);
  const pull = emitPull(graph, variables, values, counts);
  const moved = add(graph, graph.read(variables.levels, adam.step), multiply(graph, pull, rates.correction));
  const sorted = graph.assign(variables.levels, sortRows(graph, moved));
  const gain = bands.sumByGate(multiply(graph, matrixProduct(graph, toLevels, bands.basis), levelSpectrum));
  const curvature = () => emitCurvature(graph, variables, squares, levelSpectrum, bands, options.batchSize);
  const slope = options.order === 1 ? gain : subtract(graph, gain, curvature());
  const reached = product(graph, variables.open, true);
  const direction = withinOne(graph, compute(graph, 'DivNoNan', [add(graph, slope, pressure), pressure]));
  const change = multiply(graph, multiply(graph, direction, reached), rates.gates);
  const scores = withinOne(graph, subtract(graph, variables.scoreValues, change));
  return {
    step: [sorted, graph.assign(variables.scores, scores)],
    reset: adam.reset,
    feeds: (given) => [
      { target: rates.levels, values: Float32Array.of(given.levels) },
      { target: rates.correction, values: Float32Array.of(given.correction) },
      { target: rates.gates, values: Float32Array.of(given.gates) },
      { target: pressure, values: given.pressure },
    ],
  };
}

const withinOne = (graph: GraphBuilder, values: GraphTensor) =>
  compute(graph, 'ClipByValue', [values, floats(graph, -1), floats(graph, 1)]);

const scalar = (graph: GraphBuilder) => graph.placeholder('float32', []);

type Bands = {
  readonly basis: GraphTensor;
  /** The basis' squares. */
  readonly supports: GraphTensor;
  /** A spectrum's sum over each gate's band. */
  readonly sumByGate: (spectrum: GraphTensor) => GraphTensor;
};

function emitBands(graph: GraphBuilder, tensors: number, bits: number): Bands {
  const size = 2 ** bits;
  const { basis: values, bandOf } = haarBasis(bits);
  const basis = graph.constant(values, [size, size]);
  const supports = graph.constant(
    values.map((value) => value * value),
    [size, size],
  );
  const members = Float32Array.from({ length: bits * size }, (_, at) =>
    bandOf[at % size] === 1 + Math.floor(at / size) ? 1 : 0,
  );
  const memberOf = graph.constant(members, [bits, size]);
  return {
    basis,
    supports,
    sumByGate: (spectrum) => matrixProduct(graph, spectrum, memberOf, [tensors, bits], 'second'),
  };
}

/** The four sums of all tensors, each `[tensors, 2^B]`. */
function stackSums(graph: GraphBuilder, { keys, sums, levels }: LevelVariables) {
  const inputs = keys.map((key) => sums.get(key) as GraphTensor);
  const [tensors = 1, size = 1] = levels.shape;
  const attributes = { T: { type: 'float32' }, N: { int: tensors }, axis: { int: 1 } } as const;
  const packed = graph.operation('Pack', { inputs, attributes, outputs: [{ shape: [4, tensors, size] }] });
  return graph.operation('Unpack', {
    inputs: packed,
    attributes: { T: { type: 'float32' }, num: { int: 4 }, axis: { int: 0 } },
    outputs: Array.from({ length: 4 }, () => ({ shape: [tensors, size] })),
  }) as unknown as readonly [GraphTensor, GraphTensor, GraphTensor, GraphTensor];
}

/** From each level towards the mean of its block's values, over the row's unit; 0 where a block has none. */
function emitPull(
  graph: GraphBuilder,
  { effective, units, open }: LevelVariables,
  values: GraphTensor,
  counts: GraphTensor,
): GraphTensor {
  const members = averageBlocks(graph, counts, open);
  const held = averageBlocks(graph, compute(graph, 'RealDiv', [values, units]), open);
  const missed = subtract(graph, held, multiply(graph, effective, members));
  return compute(graph, 'DivNoNan', [missed, members]);
}

/** ½ N Σ (∂L/∂x_q)² d² for the change d of each value that closing a gate brings; N turns means into samples' sums. */
function emitCurvature(
  graph: GraphBuilder,
  { units }: LevelVariables,
  squares: GraphTensor,
  levelSpectrum: GraphTensor,
  bands: Bands,
  batchSize: number,
): GraphTensor {
  const scaled = multiply(graph, squares, multiply(graph, units, units));
  const onSupports = matrixProduct(graph, scaled, bands.supports);
  const changes = multiply(graph, levelSpectrum, levelSpectrum);
  return multiply(graph, bands.sumByGate(multiply(graph, onSupports, changes)), floats(graph, 0.5 * batchSize));
}

function emitAdam(graph: GraphBuilder, { levels }: LevelVariables, gradient: GraphTensor, rate: GraphTensor) {
  const moments = [graph.variable('float32', levels.shape), graph.variable('float32', levels.shape)] as const;
  const attributes = { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: false } } as const;
  const powers = [floats(graph, 0), floats(graph, 0)];
  const constants = [FIRST_MOMENT, SECOND_MOMENT, SMALLEST].map((value) => floats(graph, value));
  const inputs = [...powers, rate, ...constants, gradient];
  const step = graph.update('ResourceApplyAdam', [levels, ...moments], { inputs, attributes });
  return { step: [step], reset: moments.map((moment) => graph.assign(moment, zeros(graph, levels.shape))) };
}

/** Each row ascending. */
function sortRows(graph: GraphBuilder, rows: GraphTensor): GraphTensor {
  const size = rows.shape[1] as number;
  const [descending] = graph.operation('TopKV2', {
    inputs: [compute(graph, 'Neg', [rows]), graph.constant(Int32Array.of(size), [])],
    attributes: {
      T: { type: 'float32' },
      Tk: { type: 'int32' },
      index_type: { type: 'int32' },
      sorted: { bool: true },
    },
    outputs: [{ shape: rows.shape }, { dtype: 'int32', shape: rows.shape }],
  });
  return compute(graph, 'Neg', [descending as GraphTensor]);
}
