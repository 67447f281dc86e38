import { invalidField } from '@bitwright/core';
import type { EdgeBits } from '../graph/search-space.js';
import type { BitMeasure } from './trial.js';

export const OBJECTIVES = ['accuracy', 'divergence'] as const;

/** What a search maximizes: accuracy on the calibration samples, or the nearness of the outputs to the float ones. */
export type ObjectiveKind = (typeof OBJECTIVES)[number];

/** Latency in the objective: ours, HAGO has none. */
export type LatencyTerm = {
  /** Of the network under an assignment, relative to that with most bits. */
  readonly relative: (bits: EdgeBits) => number;
  /** What all of that latency is worth in accuracy (0..1) or in nats. */
  readonly weight: number;
};

/** Score of a trial, the higher the better: accuracy, or minus the divergence; less weight x relative latency. */
export function scoreOf(
  kind: ObjectiveKind,
  bits: EdgeBits,
  { accuracy, divergence }: BitMeasure,
  latency?: LatencyTerm,
): number {
  const quality = kind === 'accuracy' ? accuracy : -divergence;
  return latency === undefined ? quality : quality - latency.weight * latency.relative(bits);
}

const TEMPERATURE = 8;

/** Mean over rows of KL(softmax(outputs / 8) || softmax(reference / 8)), in nats. */
export function outputDivergence(outputs: Float32Array, reference: Float32Array, classes: number): number {
  if (outputs.length !== reference.length) throw invalidField('outputs', 'are not as many as the reference');
  let sum = 0;
  for (let row = 0; row < outputs.length; row += classes) {
    const p = logSoftmax(outputs.subarray(row, row + classes));
    const q = logSoftmax(reference.subarray(row, row + classes));
    for (let index = 0; index < classes; index += 1) {
      const logP = p[index] as number;
      sum += Math.exp(logP) * (logP - (q[index] as number));
    }
  }
  return (sum * classes) / outputs.length;
}

function logSoftmax(logits: Float32Array): Float64Array {
  const scaled = Float64Array.from(logits, (logit) => logit / TEMPERATURE);
  const largest = Math.max(...scaled);
  const total = scaled.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  return scaled.map((value) => value - largest - Math.log(total));
}
