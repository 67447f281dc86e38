import { createRandomSource } from '@bitwright/core';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { expect } from 'vitest';
import { compute, multiply, reduce } from './arithmetic.js';

/** Tensors by name, what is to be computed from them, and the gradients that are claimed. */
export type GradientCase = {
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Value of one element; standard normal by default. */
  readonly value?: (name: string, normal: number) => number;
  readonly emit: (
    graph: GraphBuilder,
    tensors: Readonly<Record<string, GraphTensor>>,
  ) => {
    readonly output: GraphTensor;
    readonly gradients: (gradient: GraphTensor) => Readonly<Record<string, GraphTensor | undefined>>;
  };
};

const STEP = 1e-2;
const CHECKED = 12;

/**
 * Holds claimed gradients against central differences of `sum(output * r)` for a random r, at up to a dozen elements
 * of each tensor.
 */
export function expectGradientsToMatch({ shapes, value = (_, normal) => normal, emit }: GradientCase): void {
  const random = createRandomSource(7);
  const graph = new GraphBuilder();
  const names = Object.keys(shapes);
  const placeholders = Object.fromEntries(
    names.map((name) => [name, graph.placeholder('float32', shapes[name] as number[])]),
  );
  const values = new Map(
    names.map((name) => [
      name,
      Float32Array.from({ length: sizeOf(shapes[name] as number[]) }, () => value(name, random.normal())),
    ]),
  );
  const { output, gradients } = emit(graph, placeholders);
  const upstream = graph.constant(
    Float32Array.from({ length: sizeOf(output.shape) }, () => random.normal()),
    output.shape,
  );
  const sum = reduce(
    graph,
    'Sum',
    multiply(graph, output, upstream),
    output.shape.map((_, axis) => axis),
  );
  const claimed = gradients(compute(graph, 'Identity', [upstream]));
  using session = createSession(graph);
  const feeds = () =>
    names.map((name) => ({
      target: placeholders[name] as GraphTensor,
      values: (values.get(name) as Float32Array).slice(),
    }));
  const evaluate = () => session.run(feeds(), [sum])[0]?.values[0] as number;
  for (const name of names) {
    const gradient = claimed[name];
    if (gradient === undefined) continue;
    const analytic = session.run(feeds(), [gradient])[0]?.values as Float32Array;
    const tensor = values.get(name) as Float32Array;
    for (let check = 0; check < Math.min(CHECKED, tensor.length); check += 1) {
      const index = tensor.length <= CHECKED ? check : random.integer(tensor.length);
      const numeric = centralDifference(tensor, index, evaluate);
      const tolerance = 2e-2 * Math.max(1, Math.abs(numeric));
      expect(
        Math.abs((analytic[index] as number) - numeric),
        `${name}[${index}]: ${analytic[index]} against ${numeric}`,
      ).toBeLessThan(tolerance);
    }
  }
}

function centralDifference(tensor: Float32Array, index: number, evaluate: () => number): number {
  const value = tensor[index] as number;
  tensor[index] = value + STEP;
  const above = evaluate();
  tensor[index] = value - STEP;
  const below = evaluate();
  tensor[index] = value;
  return (above - below) / (2 * STEP);
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
