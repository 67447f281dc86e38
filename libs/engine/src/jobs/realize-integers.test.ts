import { type CostTable, createRandomSource, deriveLayers, type LayerCost, type Model } from '@bitwright/core';
import { parseStrategyLog } from '@bitwright/hago';
import { importOnnx } from '@bitwright/onnx';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createToyDataset,
  createToyNetwork,
  TOY_PREPROCESSING,
  trainToyModel,
} from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import type { IntegerWork } from './job.js';
import { realizeIntegers } from './realize-integers.js';
import type { Workbench } from './workbench.js';

const WORK: IntegerWork = {
  ...{ specification: 'onnxruntime-cpu', search: 'default', objective: 'accuracy', thresholds: 'average-range' },
  ...{
    powerOfTwo: false,
    calibrationSamples: 64,
    scoredSamples: 0,
    maxTrials: 200,
    seed: 1,
    floatLayers: 0,
    fitsAccumulators: true,
  },
  ...{ replay: undefined, latency: undefined },
} as const;

const data = createToyDataset();
let model: Model;
beforeAll(() => {
  model = trainToyModel(data);
});

const run = (changes: Partial<IntegerWork>, of: Model = model, phases: string[] = []) =>
  realizeIntegers(
    { model: of, data, preprocessing: TOY_PREPROCESSING } as Workbench,
    { ...WORK, ...changes },
    {
      onProgress: ({ phase }) => void phases.push(phase),
      pause: async () => {},
      signal: new AbortController().signal,
    },
  );

/** Latency that grows with both widths. */
function latencyTable(): CostTable {
  const widths = [4, 5, 6, 7, 8];
  const cell = (latencyMs: number): LayerCost => ({
    ...{ latencyMs, energyMj: undefined, trafficBytes: undefined, bound: undefined, computeMs: undefined },
    ...{ memoryMs: undefined, overheadMs: undefined, executedWeightBits: 8, executedActivationBits: 8 },
  });
  const cells = deriveLayers(model.network).map(() =>
    widths.map((weight) => widths.map((bits) => cell(weight * bits))),
  );
  const head = {
    hardware: 'made-up',
    batch: 1,
    weightBits: widths,
    activationBits: widths,
    provenance: 'table',
  } as const;
  return { ...head, cells, counted: cells.map(() => true) };
}

const total = (bits: readonly { readonly bits: number }[]) => bits.reduce((sum, one) => sum + one.bits, 0);

describe('realizing a network in integers', () => {
  it.each(['onnxruntime-cpu', 'int8-accelerator'])(
    'loses little at 8 bits, and ONNX Runtime names the same: %s',
    async (specification) => {
      const phases: string[] = [];
      const { result, onnx } = await run({ specification }, model, phases);
      expect(result.floatAccuracy - result.simulatedAccuracy).toBeLessThan(0.03);
      expect(result).toMatchObject({ parity: 1, checkedSamples: 200, trials: 1, opset: 17 });
      expect(result.testAccuracy).toBe(result.simulatedAccuracy);
      expect(onnx.length).toBeGreaterThan(1000);
      const common = ['calibrating', 'measuring', 'searching', 'checking in ONNX Runtime'];
      const isTimed = specification === 'onnxruntime-cpu';
      expect(new Set(phases)).toEqual(new Set([...common, ...(isTimed ? ['timing in ONNX Runtime'] : [])]));
      if (isTimed) for (const figure of Object.values(result.speed ?? {})) expect(figure).toBeGreaterThan(0);
      expect(Object.keys(result.speed ?? {})).toHaveLength(isTimed ? 3 : 0);
      // It is a quantized model, which nothing here reads back as a float one.
      expect(() => importOnnx(onnx)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
    },
  );

  it('finds fewer bits that lose nothing on the samples, and logs every trial', async () => {
    const { result, log } = await run({ search: 'greedy' });
    expect(total(result.bits)).toBeLessThan(8 * result.bits.length);
    const records = parseStrategyLog(log, 'log');
    expect(records).toHaveLength(result.trials);
    const [first] = records;
    const best = Math.max(...records.map(({ measure }) => measure.accuracy));
    expect(best).toBeGreaterThanOrEqual(first?.measure.accuracy ?? 1);
    expect(first?.strategy.bits.every((bits) => bits === 8)).toBe(true);
  });

  it('replays the best strategy of a log to the same file, and refuses it for another model or hardware', async () => {
    const found = await run({ search: 'greedy', maxTrials: 12 });
    const replayed = await run({ replay: found.log });
    expect(replayed.result.bits).toEqual(found.result.bits);
    expect(Buffer.from(replayed.onnx).equals(Buffer.from(found.onnx))).toBe(true);
    const refused = expect.objectContaining({ kind: 'failed_precondition', reason: 'STRATEGY_MODEL' });
    await expect(run({ replay: found.log, specification: 'int8-accelerator' })).rejects.toEqual(refused);
    const network = createToyNetwork();
    const other = { network, parameters: createParameters(network, createRandomSource(9)) };
    await expect(run({ replay: found.log }, other)).rejects.toEqual(refused);
  });

  it('spends fewer bits where latency counts', async () => {
    const table = latencyTable();
    const [without, withLatency] = [
      await run({ search: 'greedy', objective: 'divergence' }),
      await run({ search: 'greedy', objective: 'divergence', latency: { table, weight: 10 } }),
    ];
    expect(total(withLatency.result.bits)).toBeLessThan(total(without.result.bits));
  });

  it('replays what a search with latency found, whatever had the better outputs', async () => {
    const objective = { objective: 'divergence', latency: { table: latencyTable(), weight: 10 } } as const;
    const found = await run({ search: 'greedy', ...objective });
    const replayed = await run({ replay: found.log, ...objective });
    expect(replayed.result.bits).toEqual(found.result.bits);
    expect((await run({ replay: found.log, objective: 'divergence' })).result.bits).not.toEqual(found.result.bits);
  });

  it.each(['greedy', 'batched-greedy', 'random', 'annealing'])(
    'has one strategy where nothing can be quantized, and replays it: %s',
    async (search) => {
      const specification = 'name: float-only\noperators: {}\n';
      const { result, log } = await run({ specification, search });
      expect(result).toMatchObject({ bits: [], trials: 1, parity: 1 });
      const replayed = await run({ specification, replay: log });
      expect(replayed.result).toMatchObject({ bits: [], testAccuracy: result.testAccuracy });
    },
  );

  it.each<[Partial<IntegerWork>, string]>([
    [{ specification: 'npu' }, 'there is no hardware specification "npu"'],
    [{ specification: 'name: X' }, 'request.specification: name'],
    [{ search: 'magic' }, 'there is no search "magic"'],
    [{ thresholds: 'none' }, 'request.thresholds'],
    [{ floatLayers: 99 }, 'request.float_layers: is 99; the network has 6 layers'],
    [{ replay: 'x' }, 'request.replay: line 1'],
  ])('refuses what it cannot use: %o', async (changes, message) => {
    await expect(run(changes)).rejects.toThrow(message);
  });
});
