import { createSession, type Feed, GraphBuilder, type GraphTensor, type Session } from '@bitwright/tensor';
import { calculate, cast } from '../operations/arithmetic.js';

/** So many matrices of `rows` x `columns`, one behind the other. */
export type MatrixStack = { readonly count: number; readonly rows: number; readonly columns: number };

/** Products of stacks of matrices in float64, by TensorFlow. */
export interface MatrixProducts extends Disposable {
  /** XᵀX for each X. */
  gram(values: Float32Array, shape: MatrixStack): Float64Array;
  /** X S for each X and its symmetric matrix S, of `columns` x `columns`. */
  multiply(values: Float32Array, symmetric: Float64Array, shape: MatrixStack): Float64Array;
}

const ANY = [-1, -1, -1];

export function createMatrixProducts(): MatrixProducts {
  const graph = new GraphBuilder();
  const values = graph.placeholder('float32', ANY);
  const high = graph.placeholder('float32', ANY);
  const low = graph.placeholder('float32', ANY);
  const factor = cast(graph, values, 'float64');
  const symmetric = calculate(graph, 'AddV2', [cast(graph, high, 'float64'), cast(graph, low, 'float64')]);
  const gram = emitHalves(graph, emitProduct(graph, factor, factor, true));
  const product = emitHalves(graph, emitProduct(graph, factor, symmetric, false));
  const session = createSession(graph);
  return {
    gram: (rows, shape) => run(session, [feed(values, rows, shape)], gram),
    multiply: (rows, matrix, shape) => {
      const halves = splitHalves(matrix);
      const square = { ...shape, rows: shape.columns };
      const feeds = [feed(values, rows, shape), feed(high, halves.high, square), feed(low, halves.low, square)];
      return run(session, feeds, product);
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

const feed = (target: GraphTensor, values: Float32Array, { count, rows, columns }: MatrixStack) => ({
  target: { ...target, shape: [count, rows, columns] },
  values,
});

function emitProduct(graph: GraphBuilder, a: GraphTensor, b: GraphTensor, transposesFirst: boolean): GraphTensor {
  const attributes = { T: { type: 'float64' }, adj_x: { bool: transposesFirst }, adj_y: { bool: false } } as const;
  const outputs = [{ dtype: 'float64', shape: ANY }] as const;
  return graph.operation('BatchMatMulV2', { inputs: [a, b], attributes, outputs })[0] as GraphTensor;
}

/** Float64 does not cross between TensorFlow and JavaScript: as a sum of two float32 it keeps 48 bits. */
type Halves = { readonly high: Float32Array; readonly low: Float32Array };

function emitHalves(graph: GraphBuilder, wide: GraphTensor): readonly GraphTensor[] {
  const high = cast(graph, wide, 'float32');
  return [high, cast(graph, calculate(graph, 'Sub', [wide, cast(graph, high, 'float64')]), 'float32')];
}

function run(session: Session, feeds: readonly Feed[], halves: readonly GraphTensor[]): Float64Array {
  const [high, low] = session.run(feeds, halves).map((half) => half.values) as [Float32Array, Float32Array];
  const values = new Float64Array(high.length);
  for (let index = 0; index < values.length; index += 1)
    values[index] = (high[index] as number) + (low[index] as number);
  return values;
}

function splitHalves(values: Float64Array): Halves {
  const [high, low] = [new Float32Array(values), new Float32Array(values.length)];
  for (let index = 0; index < values.length; index += 1)
    low[index] = (values[index] as number) - (high[index] as number);
  return { high, low };
}
