import { createRandomSource } from '@bitwright/core';
import { effectiveLevels, type LearnedLevels, levelGradients, openBits } from '@bitwright/quantizers';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { describe, expect, it } from 'vitest';
import { declareLevels } from '../quantization/level-variables.js';
import { emitLevelUpdate, type LevelRates } from './emit-level-update.js';

const N = 400;
const BITS = 4;
const BATCH = 8;
const KEYS = ['a', 'b', 'c'];
const random = createRandomSource(11);
const values = KEYS.map(() => Float32Array.from({ length: N }, () => random.normal()));
const gradients = values.map((tensor) => tensor.map(() => random.normal() / N));
const STILL: LevelRates = {
  levels: 0,
  correction: 0,
  gates: new Float32Array(KEYS.length * BITS),
  pressure: new Float32Array(KEYS.length * BITS),
};

const learned = (scores: readonly number[]): LearnedLevels => ({
  levels: Float32Array.from({ length: 2 ** BITS }, () => 2 * random.normal()).sort(),
  scores: Float32Array.from(scores),
});

/** One step of the update from `start`, with given gradients of the three tensors. */
function step(start: readonly LearnedLevels[], rates: Partial<LevelRates>, order: 1 | 2 = 1) {
  const graph = new GraphBuilder();
  const variables = declareLevels(graph, KEYS, { bits: BITS, least: 1, scales: new Map() });
  const feeds = KEYS.flatMap((key, row) => {
    const [input, upstream] = [graph.placeholder('float32', [N]), graph.placeholder('float32', [N])];
    variables.quantize(key, input)?.backward(upstream);
    return [
      { target: input, values: values[row] as Float32Array },
      { target: upstream, values: gradients[row] as Float32Array },
    ];
  });
  const update = emitLevelUpdate(graph, variables, { batchSize: BATCH, order });
  const [updated, reset] = [graph.signal(update.step), graph.signal(update.reset)];
  using session = createSession(graph);
  variables.store(session, start);
  session.run([], [reset]);
  const open = variables.openBits(session);
  session.run([...feeds, ...update.feeds({ ...STILL, ...rates })], [updated]);
  return { open, after: variables.load(session) };
}

const start = [learned([0.5, 0.5, 0.5, 0.5]), learned([0.5, 0.5, -0.5, 0.5]), learned([0.2, -0.9, 0.5, 0.5])];

describe('a step of learned levels', () => {
  it('keeps what it is not to move, and says how many gates are open', () => {
    const { open, after } = step(start, {});
    expect(open).toEqual(start.map(({ scores }) => openBits(scores)));
    after.forEach(({ levels, scores }, row) => {
      expect(scores).toEqual(start[row]?.scores);
      levels.forEach((level, at) => {
        expect(level).toBeCloseTo(start[row]?.levels[at] as number, 5);
      });
    });
  });

  it('moves levels against the gradient of the reference, by a share of their range', () => {
    const { after } = step(start, { levels: 1e-4 });
    after.forEach(({ levels }, row) => {
      const before = start[row] as LearnedLevels;
      const unit = (before.levels.at(-1) as number) - (before.levels[0] as number);
      const { levels: claimed } = levelGradients(
        values[row] as Float32Array,
        before,
        gradients[row] as Float32Array,
        0,
      );
      // The first step of Adam without bias correction: 0.1 g / sqrt(0.001 g^2).
      const expected = before.levels.map(
        (level, at) => level - Math.sign(claimed[at] as number) * 1e-4 * Math.sqrt(10) * unit,
      );
      expected.sort().forEach((level, at) => {
        expect(levels[at] as number).toBeCloseTo(level, 4);
      });
    });
  });

  it('carries each level to the mean of its values at a correction of 1, and leaves those without', () => {
    const { after } = step(start, { correction: 1 });
    after.forEach(({ levels }, row) => {
      const { levels: before, scores } = start[row] as LearnedLevels;
      const bits = openBits(scores);
      const effective = effectiveLevels(before, bits);
      const tensor = values[row] as Float32Array;
      const nearest = (value: number) =>
        effective.reduce(
          (best, level, code) =>
            Math.abs(level - value) < Math.abs((effective[best] as number) - value) ? code : best,
          0,
        );
      const expected = effective.map((level, code) => {
        const members = tensor.filter((value) => nearest(value) === code);
        return members.length === 0 ? level : members.reduce((sum, value) => sum + value, 0) / members.length;
      });
      effectiveLevels(levels, bits).forEach((level, code) => {
        // Sorting may mix neighbouring blocks whose members lie apart.
        if (bits === BITS) expect(expected.slice().sort()[code]).toBeCloseTo(level, 4);
      });
      const sum = (all: Float32Array) => all.reduce((total, level) => total + level, 0);
      expect(sum(effectiveLevels(levels, bits))).toBeCloseTo(sum(expected), 3);
    });
  });

  it('moves scores by the gradient of the reference and the pressure, as far as gates are reached', () => {
    const pressure = STILL.pressure.map(() => 0.01 * random.uniform());
    const rate = 0.1;
    const { after } = step(start, { gates: STILL.gates.map(() => rate), pressure });
    after.forEach(({ scores }, row) => {
      const before = start[row] as LearnedLevels;
      const bits = openBits(before.scores);
      const claimed = levelGradients(values[row] as Float32Array, before, gradients[row] as Float32Array, 0).scores;
      const expected = before.scores.map((score, gate) =>
        gate > bits ? score : score - rate * ((claimed[gate] as number) + (pressure[row * BITS + gate] as number)),
      );
      scores.forEach((score, gate) => {
        expect(score).toBeCloseTo(expected[gate] as number, 4);
      });
    });
  });

  it('judges a gate with the squares of the gradients as well at order 2', () => {
    const [first, second] = [1, 2].map(
      (order) => step(start, { gates: STILL.gates.map(() => 1) }, order as 1 | 2).after,
    );
    const gate = BITS - 1;
    const { levels } = start[0] as LearnedLevels;
    const coarse = effectiveLevels(levels, gate);
    let curvature = 0;
    values[0]?.forEach((value, index) => {
      const code = levels.reduce(
        (best, level, at) => (Math.abs(level - value) < Math.abs((levels[best] as number) - value) ? at : best),
        0,
      );
      const change = (levels[code] as number) - (coarse[code >> 1] as number);
      curvature += 0.5 * BATCH * (gradients[0]?.[index] as number) ** 2 * change ** 2;
    });
    const found = (second?.[0]?.scores[gate] as number) - (first?.[0]?.scores[gate] as number);
    expect(found).toBeCloseTo(curvature, 5);
    expect(curvature).toBeGreaterThan(1e-4);
  });
});
