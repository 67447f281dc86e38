import { convolutionLayer, depthwiseLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataMovement, LoopOrder, TensorMovement } from './data-movement.js';
import { type LoopNest, lowerToLoopNest } from './loop-nest.js';
import { mappingEnergy, totalPicojoules } from './mapping-cost.js';
import { findMapping } from './mapping-search.js';
import type { BitfusionProfile } from './profile.js';
import { bitfusionEightByEight } from './profiles/eight-by-eight.js';
import { type Precision, type TiledLayer, tileLayer } from './tiled-layer.js';
import { LOOPS, tilesOf } from './tiling.js';

type Merit = { readonly cycles: number; readonly picojoules: number };

/** Every tile under every order of all five loops, without bounds; traffic counted as fetches times fetched blocks. */
function everyMapping(profile: BitfusionProfile, nest: LoopNest, precision: Precision): Merit[] {
  return tilesOf(profile, nest).flatMap((tile) => {
    const tiled = tileLayer(profile, nest, precision, tile);
    return tiled === undefined ? [] : ORDERS.map((order) => plainCost(profile, nest, tiled, order));
  });
}

const permutations = (items: readonly number[]): LoopOrder[] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
const ORDERS = permutations(LOOPS.map((_, loop) => loop));
const [INPUT_CHANNELS, OUTPUT_CHANNELS] = [LOOPS.indexOf('inputChannels'), LOOPS.indexOf('outputChannels')];

function plainCost(profile: BitfusionProfile, nest: LoopNest, tiled: TiledLayer, order: LoopOrder): Merit {
  const ownPlanes = nest.lowering === 'own-planes';
  const fetch = (tileBits: number, bufferBytes: number, isFree: (loop: number) => boolean) =>
    fetchesOf(tileBits, (bufferBytes * 8) / 2, tiled.trips, order, isFree);
  const movement: DataMovement = {
    input: fetch(tiled.inputBits, profile.inputBufferBytes, (loop) => loop === OUTPUT_CHANNELS && !ownPlanes),
    weight: fetch(
      tiled.weightBits,
      profile.weightBufferBytes,
      (loop) => loop !== INPUT_CHANNELS && loop !== OUTPUT_CHANNELS,
    ),
    output: fetch(tiled.outputBits, profile.outputBufferBytes, (loop) => loop === INPUT_CHANNELS),
  };
  const { input, weight, output } = movement;
  const first = input.residentBits + weight.residentBits + output.residentBits;
  const rest = input.movedBits + weight.movedBits + 2 * output.movedBits - first - output.residentBits;
  const transfer = (bits: number) => Math.ceil(bits / profile.memoryBitsPerCycle);
  const stall = Math.max(0, transfer(rest) - tiled.computeCycles) + transfer(first) + transfer(output.residentBits);
  const cycles = tiled.computeCycles + stall;
  return { cycles, picojoules: totalPicojoules(mappingEnergy(profile, tiled, movement, cycles)) };
}

/** The inner loops whose data fit are fetched as one block; every trip of the loops outside fetches a block. */
function fetchesOf(
  tileBits: number,
  capacityBits: number,
  trips: readonly number[],
  order: LoopOrder,
  isFree: (loop: number) => boolean,
): TensorMovement {
  const product = (loops: LoopOrder) => loops.reduce((total, loop) => total * (trips[loop] as number), 1);
  const blockOf = (depth: number) => tileBits * product(order.slice(0, depth).filter((loop) => !isFree(loop)));
  let depth = 0;
  while (depth < order.length && blockOf(depth + 1) <= capacityBits) depth += 1;
  return { residentBits: blockOf(depth), movedBits: blockOf(depth) * product(order.slice(depth)) };
}

const small = fc.integer({ min: 1, max: 40 });
const anyNest = fc.record({
  kind: fc.constantFrom('dense', 'depthwise', 'fully-connected'),
  inChannels: small,
  outChannels: small,
  kernel: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  batch: fc.integer({ min: 1, max: 3 }),
});
const precision = fc.record({
  weightBits: fc.integer({ min: 2, max: 8 }),
  activationBits: fc.integer({ min: 2, max: 8 }),
});
/** Small buffers, so that small layers do not simply fit. */
const anyProfile = fc
  .record({
    objective: fc.constantFrom('latency', 'energy-delay'),
    inputBufferBytes: fc.integer({ min: 64, max: 2048 }),
    weightBufferBytes: fc.integer({ min: 256, max: 4096 }),
    outputBufferBytes: fc.integer({ min: 64, max: 2048 }),
  })
  .map((sizes): BitfusionProfile => ({ ...bitfusionEightByEight, ...sizes }));

function layerOf({ kind, inChannels, outChannels, kernel, height, width }: Omit<Shape, 'batch'>) {
  if (kind === 'fully-connected') return fullyConnectedLayer(inChannels, outChannels);
  const layer =
    kind === 'depthwise'
      ? depthwiseLayer({ channels: inChannels, size: 1, kernel })
      : convolutionLayer({ inChannels, outChannels, size: 1, kernel });
  return { ...layer, outputHeight: height, outputWidth: width };
}
type Shape = typeof anyNest extends fc.Arbitrary<infer Value> ? Value : never;

describe('the search for a mapping', () => {
  it('finds what looking at every tile and every order finds, on any small layer', () => {
    let mapped = 0;
    fc.assert(
      fc.property(anyProfile, anyNest, precision, (profile, { batch, ...shape }, bits) => {
        const nest = lowerToLoopNest(profile, layerOf(shape), batch);
        const found = findMapping(profile, nest, bits);
        const all = everyMapping(profile, nest, bits);
        expect(found === undefined).toBe(all.length === 0);
        if (found === undefined) return;
        mapped += 1;
        const score = ({ cycles, picojoules }: Merit) =>
          profile.objective === 'latency' ? cycles : cycles * picojoules;
        const best = Math.min(...all.map(score));
        expect(score(found)).toBe(best);
        const cheapest = Math.min(...all.filter((merit) => score(merit) === best).map(({ picojoules }) => picojoules));
        expect(found.picojoules).toBe(cheapest);
      }),
      { numRuns: 60 },
    );
    expect(mapped).toBeGreaterThan(20);
  });

  it('trades time against energy as the objective says', () => {
    const layer = convolutionLayer({ inChannels: 512, outChannels: 512, size: 14 });
    const find = (objective: BitfusionProfile['objective']) => {
      const profile: BitfusionProfile = { ...bitfusionEightByEight, objective };
      return findMapping(profile, lowerToLoopNest(profile, layer, 1), { weightBits: 8, activationBits: 8 }) as Merit;
    };
    const [fastest, balanced] = [find('latency'), find('energy-delay')];
    expect(fastest.cycles).toBeLessThan(balanced.cycles);
    expect(fastest.picojoules).toBeGreaterThan(balanced.picojoules);
    expect(balanced.cycles * balanced.picojoules).toBeLessThan(fastest.cycles * fastest.picojoules);
  });
});
