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
  gates: 0,
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

  it('moves scores by the gradient of the reference over the pressure, as far as gates are reached and press', () => {
    const pressure = STILL.pressure.map((_, at) => (at % 5 === 0 ? 0 : 0.01 * random.uniform()));
    const rate = 0.1;
    const { after } = step(start, { gates: rate, pressure });
    const moves: number[] = [];
    after.forEach(({ scores }, row) => {
      const before = start[row] as LearnedLevels;
      const claimed = claimsOf(row);
      scores.forEach((score, gate) => {
        const price = pressure[row * BITS + gate] as number;
        const direction = price === 0 ? 0 : ((claimed[gate] as number) + price) / price;
        const move = gate > openBits(before.scores) ? 0 : Math.min(1, Math.max(-1, direction));
        expect(score).toBeCloseTo((before.scores[gate] as number) - rate * move, 4);
        moves.push(move);
      });
    });
    // Some are cut off, some are not.
    expect(moves).toContain(1);
    expect(moves.some((move) => Math.abs(move) > 0 && Math.abs(move) < 1)).toBe(true);
  });

  it('judges a gate with the squares of the gradients as well at order 2', () => {
    const price = 1;
    const pressure = STILL.pressure.map(() => price);
    const [first, second] = [1, 2].map((order) => step(start, { gates: 0.1, pressure }, order as 1 | 2).after);
    // Where the gradient alone would not be cut off.
    const row = start.findIndex((_, at) => (claimsOf(at)[openBits((start[at] as LearnedLevels).scores) - 1] ?? 0) < 0);
    const { levels, scores } = start[row] as LearnedLevels;
    const bits = openBits(scores);
    const [fine, coarse] = [effectiveLevels(levels, bits), effectiveLevels(levels, bits - 1)];
    let curvature = 0;
    values[row]?.forEach((value, index) => {
      const code = fine.reduce(
        (best, level, at) => (Math.abs(level - value) < Math.abs((fine[best] as number) - value) ? at : best),
        0,
      );
      const change = (fine[code] as number) - (coarse[code >> 1] as number);
      curvature += 0.5 * BATCH * (gradients[row]?.[index] as number) ** 2 * change ** 2;
    });
    const found = (second?.[row]?.scores[bits - 1] as number) - (first?.[row]?.scores[bits - 1] as number);
    expect(found).toBeCloseTo((0.1 * curvature) / price, 5);
    expect(curvature).toBeGreaterThan(1e-4);
  });
});

/** ∂L/∂ĝ of a tensor by the reference. */
function claimsOf(row: number): Float32Array {
  const given = [values[row], start[row], gradients[row]] as [Float32Array, LearnedLevels, Float32Array];
  return levelGradients(...given, 0).scores;
}
