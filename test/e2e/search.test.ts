import { setTimeout as sleep } from 'node:timers/promises';
import { connectNatsEventBus } from '@bitwright/adapters';
import { connectHardware, connectQuantizer } from '@bitwright/client';
import {
  deriveLayers,
  type EventBus,
  type Fidelity,
  type HardwareFeedback,
  type PrecisionPolicy,
  parseConstraint,
  type Report,
  type ReportEntry,
  uniformPolicy,
} from '@bitwright/core';
import { childPids, collectEvents, openHealthProbe, processorSeconds } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL, slowerSearch, smallSearch } from './small-search.js';
import { type Stack, startStack } from './stack.js';
import { indicesTo, trialsOf, watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let stack: Stack;
let bus: EventBus;
let data: string;
beforeAll(async () => {
  stack = await startStack();
  data = await writeSmallFashionMnist(`${stack.folder}/fashion-mnist-small`);
  bus = await connectNatsEventBus({ url: stack.nats.url });
}, 300_000);
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});

const workers = () => childPids(stack.quantizer.pid(), /job-worker/);

async function priceOf(policy: PrecisionPolicy): Promise<HardwareFeedback> {
  const { network } = await describeModel();
  const hardware = connectHardware(stack.hardware.address);
  try {
    const target = await hardware.open('bismo-edge');
    for await (const feedback of target.evaluate(deriveLayers(network), [policy])) return feedback;
    throw new Error('no answer');
  } finally {
    hardware.close();
  }
}

async function describeModel() {
  const { quantizer, close } = connectQuantizer(stack.quantizer.address);
  try {
    return await quantizer.describeModel(MODEL);
  } finally {
    close();
  }
}

describe('a search on real images over gRPC', () => {
  it('runs from the controls to a model that ONNX Runtime classifies with as the simulation does', async () => {
    const events = collectEvents(bus);
    const { id } = await stack.client.createSearch(smallSearch());
    const updates = await watchUntil(stack.client, id);
    const report = await stack.client.getReport(id);
    await events.stop();

    expect(updates.at(-1)).toMatchObject({ state: 'completed', phase: 'done' });
    expect(trialsOf(updates).map(({ index }) => index)).toEqual(indicesTo(report.trials.length));
    checkResult(report);
    checkProvenance(report);
    const own = events.distinct().filter(({ subject }) => subject === id);
    expect(own.slice(0, 2).map(({ kind }) => kind)).toEqual(['search.created', 'search.started']);
    expect(own.at(-1)?.kind).toBe('search.completed');
    expect(own.filter(({ kind }) => kind === 'trial.evaluated')).toHaveLength(report.trials.length);

    const { exported } = report;
    const { onnxTestAccuracy = 0, simulatedTestAccuracy = 1, parity, integers } = exported ?? {};
    console.log(`ONNX Runtime ${onnxTestAccuracy}, simulated ${simulatedTestAccuracy}, same class for ${parity}`);
    expect(Math.abs(onnxTestAccuracy - simulatedTestAccuracy)).toBeLessThanOrEqual(0.002);
    expect(parity).toBeGreaterThan(0.97);
    console.log(
      `in integers ${integers?.onnxTestAccuracy}, same class for ${integers?.parity}, ${integers?.speed?.timesAsFast} x`,
    );
    expect(integers?.onnxTestAccuracy).toBeGreaterThan(simulatedTestAccuracy - 0.02);
    expect(integers?.speed?.timesAsFast).toBeGreaterThan(0);
    const onnx = await stack.client.artifacts.get(exported?.onnxDigest ?? '');
    expect(onnx).toHaveLength(exported?.bytes ?? -1);
    const price = await priceOf(report.policy);
    expect(report.result.latencyMs).toBeCloseTo(price.latencyMs, 6);
    expect(report.result.energyMj).toBeCloseTo(price.energyMj ?? Number.NaN, 6);
  }, 300_000);

  it('has bits learned by gradient within all of its limits where the strategy is ddq', async () => {
    const strategy = { name: 'ddq', options: { learnings: 2, maximumBits: 6 } };
    const small = smallSearch({
      strategy,
      budget: ['latency<=0.5x', 'size<=0.6x'].map((text) => parseConstraint(text)),
    });
    const finalFidelity = { ...(small.finalFidelity as Fidelity), finetuneSamples: 2048 };
    const { id } = await stack.client.createSearch({ ...small, finalFidelity });
    const updates = await watchUntil(stack.client, id);
    expect(updates.at(-1)).toMatchObject({ state: 'completed', phase: 'done' });
    const learned = trialsOf(updates).filter(({ role }) => role === 'strategy');
    expect(learned.map(({ origin, feasible }) => [origin, feasible]).sort()).toEqual([
      ['ddq/learned-1', true],
      ['ddq/learned-2', true],
    ]);
    for (const { policy, seconds } of learned) {
      const inner = policy?.layers.slice(1, -1).flatMap((bits) => [bits.weightBits, bits.activationBits]) ?? [];
      expect(Math.max(...inner)).toBeLessThanOrEqual(6);
      expect(new Set(inner).size).toBeGreaterThan(2);
      expect(seconds).toBeGreaterThan(0);
    }
    const [first, second] = learned
      .sort((a, b) => (a.origin < b.origin ? -1 : 1))
      .map(({ cost }) => cost.latencyMs ?? 0);
    expect(second).toBeLessThan(first ?? 0);
  }, 300_000);

  it('runs beside another one, each with its own trials, and both end', async () => {
    const specs = [
      slowerSearch(data, { seed: 2 }),
      slowerSearch(data, { seed: 3, strategy: { name: 'random', options: {} } }),
    ];
    const searches = await Promise.all(specs.map((spec) => stack.client.createSearch(spec)));
    const both = await Promise.all(searches.map(({ id }) => watchUntil(stack.client, id)));
    const reports = await Promise.all(searches.map(({ id }) => stack.client.getReport(id)));
    const spans = both.map((updates) => trialsOf(updates).map(({ finishedAt }) => finishedAt));
    expect(Math.max(...spans.map((times) => Math.min(...times)))).toBeLessThan(
      Math.min(...spans.map((times) => Math.max(...times))),
    );
    for (const [index, updates] of both.entries()) {
      const { id } = searches[index] as { id: string };
      expect(updates.every(({ searchId }) => searchId === id)).toBe(true);
      expect(updates.at(-1)?.state).toBe('completed');
      expect(trialsOf(updates).map((trial) => trial.index)).toEqual(indicesTo(reports[index]?.trials.length ?? -1));
    }
    expect(reports.map(({ strategyBest }) => strategyBest?.strategy)).toEqual(['haq', 'random']);
    const listed = await stack.client.listSearches({ state: 'completed' });
    expect(listed.searches.map(({ id }) => id)).toEqual(expect.arrayContaining(searches.map(({ id }) => id)));
  }, 300_000);

  it('ends within seconds when it is cancelled, keeps its best, stops the work and can be resumed', async () => {
    const { id } = await stack.client.createSearch(slowerSearch(data, { seed: 4 }));
    const before = await watchUntil(stack.client, id, ({ best, done }) => best !== undefined && done >= 5);
    const askedAt = performance.now();
    expect(await stack.client.cancelSearch(id)).toMatchObject({ state: 'cancelled' });
    const cancelMs = performance.now() - askedAt;
    console.log(`cancelled in ${cancelMs.toFixed(0)} ms`);
    expect(cancelMs).toBeLessThan(5_000);
    await expectIdle();

    const early = await stack.client.getReport(id);
    expect(early).toMatchObject({ state: 'cancelled', exported: null, result: { feasible: true } });
    await stack.client.resumeSearch(id);
    const after = await watchUntil(stack.client, id);
    expect(after.at(-1)?.state).toBe('completed');
    const whole = trialsOf(after);
    expect(whole.map(({ index }) => index)).toEqual(indicesTo(whole.length));
    for (const trial of trialsOf(before)) expect(whole[trial.index]).toEqual(trial);
    expect(whole.filter(({ role }) => role === 'strategy')).toHaveLength(4);
  }, 300_000);
});

describe('a policy', () => {
  const hardware = { name: 'bismo-edge', batch: undefined, counted: undefined };
  const bits = (layer: number, weightBits: number): PrecisionPolicy => {
    const { layers, ...scheme } = uniformPolicy(28, 6);
    return { ...scheme, layers: layers.map((one, index) => (index === layer ? { ...one, weightBits } : one)) };
  };

  it('is explained layer by layer: what it costs, what bounds it, and what one bit less saves', async () => {
    const [before, after] = [await priceOf(bits(2, 6)), await priceOf(bits(2, 5))];
    const explained = await stack.client.explainPolicy({ model: MODEL, hardware, policy: bits(2, 6) });
    expect(explained).toMatchObject({
      hardware: 'bismo-edge',
      batch: before.batch,
      policy: { layers: bits(2, 6).layers },
    });
    expect(explained.standings.map(({ cost }) => cost)).toEqual(before.layers);
    expect(explained.layers[2]?.name).toBe('block1.pointwise');
    const { latencyMs, energyMj } = explained.standings[2]?.marginals.perWeightBit ?? {};
    expect(latencyMs).toBeCloseTo(before.latencyMs - after.latencyMs, 10);
    expect(energyMj).toBeCloseTo((before.energyMj as number) - (after.energyMj as number), 10);
    expect(explained.standings.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    const layerPoints = explained.layers.map(({ outChannels }) => 2 * outChannels);
    const pointed: PrecisionPolicy = { ...bits(2, 6), weightQuantizer: 'multipoint', layerPoints };
    const { standings } = await stack.client.explainPolicy({ model: MODEL, hardware, policy: pointed });
    standings.forEach(({ cost }, layer) => {
      expect(cost.latencyMs).toBeCloseTo(2 * (before.layers[layer]?.latencyMs as number), 10);
    });
  }, 60_000);

  it('of another network or on hardware that is not there is refused with the field', async () => {
    const explain = (policy: PrecisionPolicy, name = hardware.name) =>
      stack.client.explainPolicy({ model: MODEL, hardware: { ...hardware, name }, policy });
    await expect(explain(uniformPolicy(3, 6))).rejects.toMatchObject({
      kind: 'invalid_argument',
      message: expect.stringContaining('policy.layers: has 3 layers, the network has 28'),
    });
    await expect(explain(bits(0, 6), 'abacus')).rejects.toMatchObject({ kind: 'not_found' });
  }, 60_000);
});

describe('the quantizer', () => {
  it('answers health checks while all its workers train', async () => {
    const { quantizer, close } = connectQuantizer(stack.quantizer.address);
    const stop = new AbortController();
    const layers = deriveLayers((await describeModel()).network).length;
    const fidelity = { ...slowerSearch(data).trialFidelity, finetuneSamples: 20_000 } as never;
    const request = { model: MODEL, dataset: { name: 'fashion-mnist' }, fidelity, split: 'validation' } as const;
    let training = 0;
    const onProgress = ({ phase }: { readonly phase: string }) => {
      if (phase === 'fine-tuning') training += 1;
    };
    const work = [1, 2].map((seed) =>
      quantizer
        .evaluatePolicy({ ...request, policy: uniformPolicy(layers, 5), seed }, { signal: stop.signal, onProgress })
        .catch((error: { kind: string }) => error.kind),
    );
    while (training < 10) await sleep(20);
    const stepsBefore = training;
    const answers = await probeFor(3_000);
    const stepsMeanwhile = training - stepsBefore;
    stop.abort();
    expect(await Promise.all(work)).toEqual(['cancelled', 'cancelled']);
    close();

    const slowest = Math.max(...answers);
    console.log(
      `${answers.length} health checks beside ${stepsMeanwhile} training steps: slowest ${slowest.toFixed(1)} ms`,
    );
    expect(stepsMeanwhile).toBeGreaterThan(0);
    expect(slowest).toBeLessThan(500);
  }, 300_000);
});

/** Milliseconds of each health check. */
async function probeFor(durationMs: number): Promise<readonly number[]> {
  const probe = openHealthProbe(stack.quantizer.address);
  await probe.check();
  const answers: number[] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    const start = performance.now();
    expect(await probe.check('bitwright.quantizer.v1.QuantizerService')).toBe('SERVING');
    answers.push(performance.now() - start);
    await sleep(10);
  }
  probe.close();
  return answers;
}

/** A second after the cancellation, no worker computes any more. */
async function expectIdle(): Promise<void> {
  await sleep(1_000);
  const usedBy = async () => Promise.all((await workers()).map(processorSeconds));
  const before = await usedBy();
  await sleep(500);
  const after = await usedBy();
  expect(after.length).toBe(before.length);
  for (const [index, seconds] of after.entries()) expect(seconds - (before[index] ?? 0)).toBeLessThan(0.1);
}

/** The best feasible policy of all; nothing feasible and fine-tuned had less loss on the validation split. */
function checkResult(report: Report): void {
  const { result, constraints, baselines, strategyBest, layers } = report;
  expect(result.feasible).toBe(true);
  expect(result.latencyMs).toBeLessThanOrEqual(constraints[0]?.limit ?? 0);
  expect(constraints[0]?.reached).toBe(result.latencyMs);
  const found = baselines.map(({ strategy }) => strategy);
  expect(found).toEqual(expect.arrayContaining(['float', 'uniform-8', 'uniform-6', 'uniform-4']));
  for (const { testAccuracy } of baselines) expect(testAccuracy).not.toBeNull();
  const float = baselines.find(({ strategy }) => strategy === 'float');
  expect(float?.testAccuracy).toBeGreaterThan(0.9);
  expect(result.testAccuracy).toBeGreaterThan(0.7);
  const rivals = [...baselines, strategyBest].filter((entry) => entry?.feasible === true);
  const lossOf = (entry: ReportEntry | null) => entry?.validationCalibratedLoss ?? Number.NaN;
  for (const rival of rivals) expect(lossOf(result)).toBeLessThanOrEqual(lossOf(rival));
  expect(strategyBest?.strategy).toBe('haq');
  expect(layers).toHaveLength(28);
  const counted = layers.filter((layer) => layer.counted).reduce((sum, { latencyMs }) => sum + (latencyMs ?? 0), 0);
  expect(counted).toBeCloseTo(result.latencyMs ?? 0, 6);
}

function checkProvenance({ provenance, trials }: Report): void {
  expect(provenance.splits).toEqual({ training: 55_000, validation: 5_000, test: 10_000 });
  expect(provenance).toMatchObject({ dataset: 'fashion-mnist', seed: 1, preprocess: { imageSize: 32, padding: 2 } });
  expect(provenance.dataDigest).toMatch(/^[0-9a-f]{64}$/);
  expect(trials.filter(({ role }) => role === 'strategy')).toHaveLength(4);
  for (const { role, split, error } of trials) {
    expect({ split, error }).toEqual({ split: role === 'finalist' ? 'test' : 'validation', error: null });
  }
}
