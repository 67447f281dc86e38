import { type LayerKind, medianOf } from '@bitwright/core';
import { predictMs, type Roofline, type Work } from './roofline.js';

/** A measured cell. */
export type Observation = Work & { readonly latencyMs: number };

/** The line searches start this wide, in logarithms (a factor of 16 either way), and narrow with each sweep. */
const FIRST_STEP = Math.log(16);
const NARROWING = 0.75;
const SWEEPS = 30;
const SEARCH_STEPS = 12;

/**
 * The roofline whose logarithm is nearest to that of the measured times, by least squares: relative errors count alike for
 * short and long layers. Coordinate descent, one line search a parameter and sweep; what it finds is as good as the
 * held-out error says, see `heldOutError`. Needs at least one observation, times above 0.
 */
export function fitRoofline(observations: readonly Observation[]): Roofline {
  const pairs = distinct(observations.map(({ pair }) => pair));
  const kinds = distinct(observations.map(({ kind }) => kind));
  let logs = firstGuess(observations, pairs, kinds);
  let step = FIRST_STEP;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1, step *= NARROWING) {
    for (let index = 0; index < logs.length; index += 1) {
      const touched = touchedBy(index, observations, pairs, kinds);
      const lossAt = (value: number) => lossOf(toRoofline(logs.with(index, value), pairs, kinds), touched);
      const value = logs[index] as number;
      const found = searchLine(lossAt, value - step, value + step);
      if (lossAt(found) < lossAt(value)) logs = logs.with(index, found);
    }
  }
  return toRoofline(logs, pairs, kinds);
}

/** Logarithms of overhead, cost of a byte, costs of a MAC, factors of all kinds but the first, which is 1. */
function firstGuess(
  observations: readonly Observation[],
  pairs: readonly string[],
  kinds: readonly LayerKind[],
): number[] {
  const shortest = Math.min(...observations.map(({ latencyMs }) => latencyMs));
  const perByte = Math.min(...observations.map(({ latencyMs, bytes }) => latencyMs / bytes));
  const perMac = pairs.map((pair) =>
    medianOf(observations.filter((seen) => seen.pair === pair).map(({ latencyMs, macs }) => latencyMs / macs)),
  );
  return [shortest / 2, perByte, ...perMac, ...kinds.slice(1).map(() => 1)].map(Math.log);
}

function toRoofline(logs: readonly number[], pairs: readonly string[], kinds: readonly LayerKind[]): Roofline {
  const values = logs.map(Math.exp);
  return {
    overheadMs: values[0] as number,
    msPerByte: values[1] as number,
    msPerMac: new Map(pairs.map((pair, index) => [pair, values[2 + index] as number])),
    kindFactors: new Map(
      kinds.map((kind, index) => [kind, index === 0 ? 1 : (values[1 + pairs.length + index] as number)]),
    ),
  };
}

/** The observations on which a parameter has a say. */
function touchedBy(
  index: number,
  observations: readonly Observation[],
  pairs: readonly string[],
  kinds: readonly LayerKind[],
): readonly Observation[] {
  if (index < 2) return observations;
  const pair = pairs[index - 2];
  if (pair !== undefined) return observations.filter((seen) => seen.pair === pair);
  return observations.filter((seen) => seen.kind === kinds[index - 1 - pairs.length]);
}

function lossOf(roofline: Roofline, observations: readonly Observation[]): number {
  let loss = 0;
  for (const seen of observations) {
    loss += (Math.log(predictMs(roofline, seen) as number) - Math.log(seen.latencyMs)) ** 2;
  }
  return loss;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Golden section search for a minimum between two ends. */
function searchLine(lossAt: (value: number) => number, low: number, high: number): number {
  let [left, right] = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
  let [lossLeft, lossRight] = [lossAt(left), lossAt(right)];
  for (let count = 0; count < SEARCH_STEPS; count += 1) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - GOLDEN * (high - low);
      lossLeft = lossAt(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + GOLDEN * (high - low);
      lossRight = lossAt(right);
    }
  }
  return (low + high) / 2;
}

const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
