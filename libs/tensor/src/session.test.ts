import { describe, expect, it } from 'vitest';
import { createSession, GraphBuilder, type GraphTensor, tensorflowVersion } from './index.js';

const FLOAT = { T: { type: 'float32' } } as const;

function product(graph: GraphBuilder, a: GraphTensor, b: GraphTensor): GraphTensor {
  return graph.operation('Mul', { inputs: [a, b], attributes: FLOAT, outputs: [{ shape: a.shape }] })[0] as GraphTensor;
}

describe('a session', () => {
  it('computes from what is fed and from constants', () => {
    const graph = new GraphBuilder();
    const input = graph.placeholder('float32', [2, 2]);
    const output = product(graph, input, graph.constant(Float32Array.of(10, 20), [2]));
    using session = createSession(graph);
    const [fetched] = session.run([{ target: input, values: Float32Array.of(1, 2, 3, 4) }], [output]);
    expect(fetched).toEqual({ shape: [2, 2], dtype: 'float32', values: Float32Array.of(10, 40, 30, 80) });
  });

  it('takes another batch size at each run where the graph leaves it open', () => {
    const graph = new GraphBuilder();
    const input = graph.placeholder('float32', [-1, 2]);
    const output = product(graph, input, graph.constant(Float32Array.of(2), []));
    using session = createSession(graph);
    for (const batch of [1, 3]) {
      const [fetched] = session.run(
        [{ target: { ...input, shape: [batch, 2] }, values: new Float32Array(2 * batch).fill(1) }],
        [output],
      );
      expect(fetched?.shape).toEqual([batch, 2]);
    }
  });

  it('keeps variables between runs, apart from other sessions', () => {
    const graph = new GraphBuilder();
    const value = graph.placeholder('int32', [3]);
    const variable = graph.variable('int32', [3]);
    const stored = graph.signal([graph.assign(variable, value)]);
    const current = graph.read(variable);
    using one = createSession(graph);
    using other = createSession(graph);
    one.run([{ target: value, values: Int32Array.of(1, 2, 3) }], [stored]);
    other.run([{ target: value, values: Int32Array.of(4, 5, 6) }], [stored]);
    expect(one.run([], [current])[0]?.values).toEqual(Int32Array.of(1, 2, 3));
    expect(other.run([], [current])[0]?.values).toEqual(Int32Array.of(4, 5, 6));
  });

  it('says which node failed and goes on', () => {
    const graph = new GraphBuilder();
    const input = graph.placeholder('float32', [-1]);
    const output = product(graph, input, graph.constant(Float32Array.of(1, 2), [2]));
    using session = createSession(graph);
    const run = (values: Float32Array) =>
      session.run([{ target: { ...input, shape: [values.length] }, values }], [output]);
    expect(() => run(new Float32Array(3))).toThrow(/Incompatible shapes/);
    expect(run(Float32Array.of(3, 4))[0]?.values).toEqual(Float32Array.of(3, 8));
  });

  it('refuses an operation that TensorFlow does not know', () => {
    const graph = new GraphBuilder();
    graph.operation('NoSuchOperation', { inputs: [], outputs: [] });
    expect(() => createSession(graph)).toThrow(/NoSuchOperation/);
  });

  it('runs with bytes', () => {
    const graph = new GraphBuilder();
    const bytes = graph.placeholder('uint8', [2]);
    const attributes = { SrcT: { type: 'uint8' }, DstT: { type: 'float32' }, Truncate: { bool: false } } as const;
    const [floats] = graph.operation('Cast', { inputs: [bytes], attributes, outputs: [{ shape: [2] }] });
    using session = createSession(graph);
    expect(session.run([{ target: bytes, values: Uint8Array.of(0, 255) }], [floats as GraphTensor])[0]?.values).toEqual(
      Float32Array.of(0, 255),
    );
  });
});

it('knows the version of the library', () => {
  expect(tensorflowVersion()).toMatch(/^\d+\.\d+/);
});
