import { openBuiltInProfile, openProfile, type TunableProfile } from '@bitwright/accelerators';
import { convolutionLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { calibrate } from './calibrate.js';
import type { Finding } from './finding.js';
import { mapCells, tableOf, VARIED_LAYERS, withNoise } from './measured-table.test-support.js';

const ROOFLINE = openProfile(
  JSON.stringify({
    ...{ model: 'roofline', name: 'board', dramGigabytesPerSecond: 20, launchMicrosecondsPerLayer: 3 },
    peaks: [
      { weightBits: 4, activationBits: 4, teraOperationsPerSecond: 4 },
      { weightBits: 4, activationBits: 8, teraOperationsPerSecond: 1, executedWeightBits: 8 },
      { weightBits: 8, activationBits: 4, teraOperationsPerSecond: 1, executedActivationBits: 8 },
      { weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 },
    ],
  }),
  'board.yaml',
);
const ROOFLINE_TRUTH = {
  ...{ 'peaks:4/4': 0.9, 'peaks:8/8': 0.4, dramGigabytesPerSecond: 7, launchMicrosecondsPerLayer: 11 },
  ...{ multiplyInt8Picojoules: 0.7, addInt32Picojoules: 0.3, dramPicojoulesPerBit: 12, staticMilliwatts: 400 },
};
const SYSTOLIC = openBuiltInProfile('npu-int8-int4');
const SYSTOLIC_TRUTH = {
  ...{ clockMegahertz: 430, dramGigabytesPerSecond: 3, hostMicrosecondsPerLayer: 14 },
  ...{ multiplyInt8Picojoules: 0.5, addInt32Picojoules: 0.4, sramPicojoulesPerBit: 3 },
  ...{ dramPicojoulesPerBit: 14, staticMilliwatts: 210 },
};
const BISMO = openBuiltInProfile('bismo-edge');
const BISMO_TRUTH = {
  ...{ clockMegahertz: 142, hostMicrosecondsPerLayer: 35, parallelToSerialMicrosecondsPerLayer: 0 },
  ...{ binaryOperationPicojoules: 0.3, dramPicojoulesPerBit: 31, staticMilliwatts: 700 },
};

const MODELS: [string, TunableProfile, Readonly<Record<string, number>>][] = [
  ['roofline', ROOFLINE, ROOFLINE_TRUTH],
  ['systolic', SYSTOLIC, SYSTOLIC_TRUTH],
  ['bismo', BISMO, BISMO_TRUTH],
];

const byName = (findings: readonly Finding[]) => new Map(findings.map((finding) => [finding.constant.name, finding]));

describe.each(MODELS)('calibrating %s', (_, profile, truth) => {
  it('finds the constants of exact measurements to a thousandth, and predicts layers that it has not seen', async () => {
    const { findings, metrics } = await calibrate(profile, await tableOf(profile.tune(truth)), { seed: 1 });
    for (const { constant, value } of findings) {
      const expected = truth[constant.name] as number;
      expect(Math.abs(value - expected), constant.name).toBeLessThanOrEqual(1e-3 * expected);
    }
    expect(findings).toHaveLength(Object.keys(truth).length);
    for (const { before, heldOut } of metrics) {
      expect(before.meanErrorPercent).toBeGreaterThan(10);
      expect(heldOut.meanErrorPercent).toBeLessThan(0.1);
    }
  });

  it('finds intervals that hold the constants of noisy measurements, and a held-out error of the size of the noise', async () => {
    const table = withNoise(await tableOf(profile.tune(truth)), 0.05, 100);
    const { findings, metrics } = await calibrate(profile, table, { seed: 1 });
    const told = findings.filter(({ status }) => status === 'fitted');
    const missed = told.filter(({ constant: { name }, low = 0, high = 0 }) => {
      const expected = truth[name] as number;
      return expected < low || expected > high;
    });
    expect(told.length).toBeGreaterThanOrEqual(findings.length - 2);
    // One in twenty intervals misses by definition.
    expect(missed.length).toBeLessThanOrEqual(1);
    // The mean of |normal| is 0.8 of its deviation.
    for (const { heldOut } of metrics) {
      expect(heldOut.meanErrorPercent).toBeGreaterThan(3);
      expect(heldOut.meanErrorPercent).toBeLessThan(7);
      expect(heldOut.rankCorrelation).toBeGreaterThan(0.95);
    }
  });
});

describe('measurements', () => {
  it('that went wrong now and then hardly move the constants', async () => {
    let count = 0;
    const table = mapCells(withNoise(await tableOf(ROOFLINE.tune(ROOFLINE_TRUTH)), 0.01, 3), (cell) => {
      count += 1;
      return count % 9 === 0 ? { ...cell, latencyMs: 20 * cell.latencyMs } : cell;
    });
    const { findings } = await calibrate(ROOFLINE, table, { seed: 1 });
    const found = byName(findings);
    for (const name of ['peaks:8/8', 'dramGigabytesPerSecond'] as const) {
      const expected = ROOFLINE_TRUTH[name];
      expect(Math.abs((found.get(name)?.value ?? 0) / expected - 1), name).toBeLessThan(0.05);
    }
  });

  it('count less the more they scatter', async () => {
    const truth = await tableOf(ROOFLINE.tune(ROOFLINE_TRUTH));
    // Large convolutions are measured half as long, and twice as badly as they are long.
    const table = mapCells(truth, (cell) =>
      cell.bound === 'compute' && cell.weightBits === 8
        ? { ...cell, latencyMs: cell.latencyMs / 2, spreadMs: 2 * cell.latencyMs }
        : cell,
    );
    const options = { seed: 1, fit: ['peaks:8/8'] };
    const peakOf = async (measurements: typeof table) =>
      (await calibrate(ROOFLINE.tune(ROOFLINE_TRUTH), measurements, options)).findings[0]?.value ?? 0;
    const unweighted = await peakOf(mapCells(table, (cell) => ({ ...cell, spreadMs: undefined })));
    expect(await peakOf(table)).toBeLessThan(unweighted);
  });

  it('that are guesses, of no time or beyond the profile are left out and counted', async () => {
    const table = mapCells(await tableOf(BISMO), (cell, layer) => {
      if (layer === 1) return { ...cell, interpolated: true };
      return layer === 2 && cell.weightBits === 1 ? { ...cell, latencyMs: 0 } : cell;
    });
    const { metrics } = await calibrate(SYSTOLIC, table, { seed: 1, fit: ['clockMegahertz'] });
    expect(metrics[0]?.leftOut).toEqual({
      'are interpolated, that is guesses': 9,
      'are 0, which nothing can be compared with': 3,
      'are of bits or operators that npu-int8-int4 does not run': 11 * 5 - 3,
    });
    expect(metrics[0]).toMatchObject({ shapes: 11, costs: 44 });
  });
});

describe('constants that measurements do not tell', () => {
  const WIDE = [64, 96, 128, 192, 256].map((channels, index) => ({
    ...convolutionLayer({ inChannels: channels, outChannels: 256, size: 56, kernel: 3 }),
    index,
  }));

  it('keep what the profile says: memory where every layer waits for arithmetic', async () => {
    const truth = ROOFLINE.tune({ 'peaks:8/8': 0.01, 'peaks:4/4': 0.02, launchMicrosecondsPerLayer: 0 });
    const { findings } = await calibrate(ROOFLINE, await tableOf(truth, WIDE), { seed: 1 });
    expect(byName(findings).get('dramGigabytesPerSecond')).toMatchObject({
      ...{ status: 'kept', reason: 'no-influence', value: 20, partners: [] },
    });
    expect(byName(findings).get('peaks:8/8')).toMatchObject({ status: 'fitted', value: expect.closeTo(0.01, 5) });
  });

  it('are named together where only their sum shows, and one of them stays', async () => {
    const truth = BISMO.tune({ hostMicrosecondsPerLayer: 20, parallelToSerialMicrosecondsPerLayer: 30 });
    const profile = BISMO.tune({ parallelToSerialMicrosecondsPerLayer: 10 });
    const { findings } = await calibrate(profile, await tableOf(truth), { seed: 1 });
    const found = byName(findings);
    expect(found.get('parallelToSerialMicrosecondsPerLayer')).toMatchObject({
      ...{ status: 'kept', reason: 'only-together', value: 10, partners: ['hostMicrosecondsPerLayer'] },
    });
    expect(found.get('hostMicrosecondsPerLayer')).toMatchObject({ status: 'fitted', value: expect.closeTo(40, 1) });
  });

  it('move as little as they must where what the profile says is excluded', async () => {
    const truth = ROOFLINE.tune({ dramGigabytesPerSecond: 50_000, launchMicrosecondsPerLayer: 0 });
    const profile = ROOFLINE.tune({ dramGigabytesPerSecond: 0.5 });
    const { findings } = await calibrate(profile, await tableOf(truth, WIDE), { seed: 1 });
    const memory = byName(findings).get('dramGigabytesPerSecond');
    expect(memory).toMatchObject({ status: 'bounded', high: undefined });
    expect(memory?.value).toBe(memory?.low);
    expect(memory?.low).toBeGreaterThan(0.5);
    expect(memory?.low).toBeLessThan(50_000);
  });

  it('are those of layers that were not measured', async () => {
    const small = [8, 12, 16, 24].map((features, index) => ({ ...fullyConnectedLayer(features, 10), index }));
    const truth = ROOFLINE.tune({ launchMicrosecondsPerLayer: 50 });
    const { findings } = await calibrate(ROOFLINE, await tableOf(truth, small), { seed: 1 });
    const statuses = [...byName(findings)].map(([name, { status }]) => [name, status]);
    expect(Object.fromEntries(statuses)).toMatchObject({
      ...{ 'peaks:4/4': 'kept', 'peaks:8/8': 'kept', launchMicrosecondsPerLayer: 'fitted' },
    });
  });
});

describe('a calibration', () => {
  it('is the same for the same seed', async () => {
    const table = withNoise(await tableOf(ROOFLINE.tune(ROOFLINE_TRUTH)), 0.05, 2);
    const run = async () => {
      const { profile: _, ...rest } = await calibrate(ROOFLINE, table, { seed: 5 });
      return JSON.stringify(rest);
    };
    expect(await run()).toBe(await run());
  });

  it('does not touch what it was not asked to fit, and says how far it is', async () => {
    const steps: string[] = [];
    const { profile } = await calibrate(ROOFLINE, await tableOf(ROOFLINE.tune(ROOFLINE_TRUTH)), {
      ...{ seed: 1, fit: ['launchMicrosecondsPerLayer'] },
      onProgress: ({ done, total, metric }) => steps.push(`${done}/${total} ${metric}`),
    });
    const changed = profile.constants.filter(({ name, value }) =>
      ROOFLINE.tune({}).constants.every((old) => old.name !== name || old.value !== value),
    );
    expect(changed.map(({ name }) => name)).toEqual(['launchMicrosecondsPerLayer']);
    expect(steps).toEqual(Array.from({ length: 6 }, (_, index) => `${index + 1}/6 latency`));
  });

  it('holds out one layer shape at a time where there are few', async () => {
    const table = await tableOf(ROOFLINE, VARIED_LAYERS.slice(0, 4));
    const { metrics } = await calibrate(ROOFLINE, table, { seed: 1, fit: ['peaks'] });
    expect(metrics[0]).toMatchObject({ shapes: 4, folds: 4 });
  });

  it('stops when it is told to', async () => {
    const table = await tableOf(ROOFLINE);
    const stopped = calibrate(ROOFLINE, table, { seed: 1, signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it.each([
    [{ fit: ['clock'] }, /^fit: has no constant "clock"; there are peaks, peaks:4\/4, .*staticMilliwatts$/],
    [{ fit: ['staticMilliwatts'] }, /^fit: names constants of energy alone, and no cost has an energy/],
  ])('refuses %o', async (options, message) => {
    const table = mapCells(await tableOf(ROOFLINE), (cell) => ({ ...cell, energyMj: undefined }));
    const refused = calibrate(ROOFLINE, table, { seed: 1, ...options });
    await expect(refused).rejects.toMatchObject({ kind: 'invalid_argument', message: expect.stringMatching(message) });
  });

  it('refuses measurements of too few layer shapes that the profile can run, and says what became of the others', async () => {
    const table = await tableOf(BISMO, VARIED_LAYERS.slice(0, 2));
    await expect(calibrate(SYSTOLIC, table, { seed: 1 })).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringMatching(
        /^measurements: have latency of 2 layer shapes .* at least 3 are needed, .* 10 are of bits or operators/,
      ),
    });
  });
});
