import { createRandomSource } from '@bitwright/core';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { emitLoss, type LossOptions } from './emit-loss.js';

const [SAMPLES, CLASSES] = [5, 4];
const random = createRandomSource(3);
const normals = () => Float32Array.from({ length: SAMPLES * CLASSES }, () => 2 * random.normal());
const [own, taught] = [normals(), normals()];
const labels = Int32Array.from({ length: SAMPLES }, () => random.integer(CLASSES));

type Fetched = { readonly mean: number; readonly gradient: Float32Array };

/** What the graph gives for `own` against the labels and a teacher of these logits. */
function compute(labelSmoothing: number, share?: number, teacherLogits = taught): Fetched {
  const graph = new GraphBuilder();
  const logits = graph.placeholder('float32', [SAMPLES, CLASSES]);
  const teacher = graph.placeholder('float32', [SAMPLES, CLASSES]);
  const options: LossOptions = {
    labelSmoothing,
    teacher: share === undefined ? undefined : { logits: teacher, share },
  };
  const loss = emitLoss(graph, logits, options);
  using session = createSession(graph);
  const feeds = [
    { target: logits, values: own },
    { target: teacher, values: teacherLogits },
    { target: loss.labels, values: labels },
  ];
  const [mean, gradient] = session.run(feeds, [loss.mean, loss.gradient]);
  return { mean: mean?.values[0] as number, gradient: gradient?.values as Float32Array };
}

const softmax = (logits: readonly number[]) => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
};
const rowOf = (values: Float32Array, row: number) => [...values.subarray(row * CLASSES, (row + 1) * CLASSES)];

/** The same by the definition, -Σ p log q, and (q - p) / N. */
function expected(labelSmoothing: number, share: number): Fetched {
  let mean = 0;
  const gradient: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const [named, wanted] = [softmax(rowOf(own, sample)), softmax(rowOf(taught, sample))];
    named.forEach((probability, label) => {
      const smoothed = (labels[sample] === label ? 1 - labelSmoothing : 0) + labelSmoothing / CLASSES;
      const target = (1 - share) * smoothed + share * (wanted[label] as number);
      mean -= (target * Math.log(probability)) / SAMPLES;
      gradient.push((probability - target) / SAMPLES);
    });
  }
  return { mean, gradient: Float32Array.from(gradient) };
}

describe('the loss', () => {
  it.each([
    ['labels alone', 0, undefined],
    ['smoothed labels', 0.1, undefined],
    ['labels and a teacher', 0, 0.25],
    ['smoothed labels and a teacher', 0.1, 0.6],
    ['a teacher alone', 0, 1],
  ])('is the cross entropy with its targets: %s', (_, labelSmoothing, share) => {
    const [given, wanted] = [compute(labelSmoothing, share), expected(labelSmoothing, share ?? 0)];
    expect(given.mean).toBeCloseTo(wanted.mean, 5);
    given.gradient.forEach((value, at) => {
      expect(value).toBeCloseTo(wanted.gradient[at] as number, 6);
    });
  });

  it('has no gradient where the network does what its teacher does', () => {
    expect(Math.max(...compute(0, 1, own).gradient.map(Math.abs))).toBeLessThan(1e-7);
  });
});
