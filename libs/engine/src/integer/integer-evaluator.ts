import type { Model, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { type BitMeasure, type IntegerGraph, outputDivergence } from '@bitwright/hago';
import { createSessionCache } from '../evaluation/session-cache.js';
import { batchesOf } from '../samples/batches.js';
import type { Work } from '../work.js';
import { createIntegerSession } from './integer-session.js';
import { structureKey } from './structure.js';

/** Logits of samples, and what they come to. */
export type IntegerMeasurement = BitMeasure & { readonly classes: Int32Array; readonly logits: Float32Array };

/** Executes integer graphs of one model; graphs that differ in scales and codes only share a session. */
export interface IntegerEvaluator extends Disposable {
  /** Measures on samples, against the float outputs where they are given. */
  measure(graph: IntegerGraph, samples: Samples, reference?: Float32Array): Work<IntegerMeasurement>;
}

/** Sessions kept: a search mostly stays with one structure. */
const KEPT = 3;

/** Images at once. */
const BATCH = 250;

/** `model` is folded; its parameters serve what computes in float. */
export function createIntegerEvaluator(model: Model, preprocessing: Preprocessing): IntegerEvaluator {
  const sessions = createSessionCache(KEPT);
  return {
    measure: function* (graph, samples, reference) {
      const session = sessions.get(structureKey(graph), () =>
        createIntegerSession(graph, model.parameters, preprocessing),
      );
      const { classes: width } = model.network;
      const logits = new Float32Array(samples.count * width);
      for (const { indices, start, end } of batchesOf(samples.count, BATCH)) {
        logits.set(session.logits(graph, samples, indices), start * width);
        yield { phase: 'measuring', done: end, total: samples.count };
      }
      const classes = topClasses(logits, width);
      const accuracy = classes.filter((named, index) => named === samples.labels[index]).length / samples.count;
      const divergence = reference === undefined ? 0 : outputDivergence(logits, reference, width);
      return { accuracy, divergence, classes, logits };
    },
    [Symbol.dispose]: () => sessions[Symbol.dispose](),
  };
}

function topClasses(logits: Float32Array, width: number): Int32Array {
  return Int32Array.from({ length: logits.length / width }, (_, row) => {
    const values = logits.subarray(row * width, (row + 1) * width);
    return values.indexOf(Math.max(...values));
  });
}

/** The network with nothing quantized, as a graph to measure what integers are compared with. */
export function floatGraph({ network }: Model): IntegerGraph {
  const float = { kind: 'float' } as const;
  const read = (source: string) => ({ source, conversion: { kind: 'none' } as const, format: float });
  const nodes = network.nodes.map((node) => ({
    ...{ id: node.id, node, kernel: undefined, output: float },
    inputs: node.inputs.map(read),
  }));
  return { network, requantization: 'edge', nodes, output: read(network.nodes.at(-1)?.id ?? '') };
}
