import {
  type BitwrightEvent,
  type CostTable,
  EVENT_KINDS,
  type LearnPrecisionRequest,
  METRICS,
  type Network,
  type NetworkNode,
  type PolicyAnswer,
  type PolicyExplanation,
  SENSITIVITY_MEASURES,
  type SearchSpec,
  type SensitivityReport,
} from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromWireAgentCapabilities, toWireAgentCapabilities } from './agent-capabilities.js';
import { decodeAnnouncement, encodeAnnouncement } from './announcement.js';
import { fromWireConstraint, toWireConstraint } from './constraint.js';
import { fromWireCostTable, toWireCostTable } from './cost-table.js';
import {
  fromWireEvaluation,
  fromWireExportRequest,
  fromWireExportResult,
  fromWireFinetuneResult,
  fromWireWorkProgress,
  toWireEvaluation,
  toWireExportRequest,
  toWireExportResult,
  toWireFinetuneResult,
  toWireWorkProgress,
} from './evaluation.js';
import { decodeEvent, encodeEvent } from './event.js';
import * as agent from './gen/bitwright/agent/v1/agent.js';
import * as cost from './gen/bitwright/common/v1/cost.js';
import * as network from './gen/bitwright/common/v1/network.js';
import * as policy from './gen/bitwright/common/v1/policy.js';
import * as hardware from './gen/bitwright/hardware/v1/hardware.js';
import * as quantizer from './gen/bitwright/quantizer/v1/quantizer.js';
import { fromWireFeedback, fromWireHardwareOptions, toWireFeedback, toWireHardwareOptions } from './hardware.js';
import { fromWireLayers, toWireLayers } from './layer.js';
import { LIMITS } from './limits.js';
import { fromWireModelDescription, toWireModelDescription } from './model.js';
import { fromWireNetwork, toWireNetwork } from './network.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';
import { fromWirePolicyAnswer, toWirePolicyAnswer } from './policy-answer.js';
import {
  type ExplainPolicyRequest,
  fromWireExplainPolicyRequest,
  fromWirePolicyExplanation,
  toWireExplainPolicyRequest,
  toWirePolicyExplanation,
} from './policy-explanation.js';
import {
  fromWireLearnPrecisionRequest,
  fromWireLearnPrecisionResult,
  toWireLearnPrecisionRequest,
  toWireLearnPrecisionResult,
} from './precision-learning.js';
import { fromWireWatchUpdate, toWireWatchUpdate } from './search-progress.js';
import { fromWireSearch, toWireSearch } from './search-record.js';
import {
  fromWireSensitivity,
  fromWireSensitivityRequest,
  toWireSensitivity,
  toWireSensitivityRequest,
} from './sensitivity.js';
import { fromWireTrial, toWireTrial } from './trial.js';

/** Ways a message goes over the wire: encoded to bytes and decoded again. */
type Codec<T> = { encode(message: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T };

function travel<T>(codec: Codec<T>, message: T): T {
  return codec.decode(codec.encode(message).finish());
}

const RUNS = { numRuns: 50 };
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const list = <T>(value: fc.Arbitrary<T>, maxLength = 4) => fc.array(value, { minLength: 1, maxLength });
const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const size = fc.integer({ min: 1, max: 1_000_000 });
const count = fc.maxSafeNat();
const amount = fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true });
const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const bits = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 32);
const choices = fc.uniqueArray(bits, { minLength: 1 }).map((values) => values.sort((a, b) => a - b));
const digest = fc.string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(...'0123456789abcdef') });
const batch = fc.integer({ min: 1, max: 65_536 });
const seed = fc.integer({ min: 0, max: 0xffff_ffff });
const shape = fc.record({ height: size, width: size, channels: size });
const split = fc.constantFrom('training', 'validation', 'test');
const counted = fc.constantFrom('all', 'without-first-and-last');
const provenance = fc.constantFrom('simulated', 'table', 'measured');
const padding = fc.record({ top: fc.nat(9), left: fc.nat(9), bottom: fc.nat(9), right: fc.nat(9) });

const window = { kernelHeight: size, kernelWidth: size, strideHeight: size, strideWidth: size, padding };
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('convolution' as const),
    outChannels: size,
    groups: size,
    bias: fc.boolean(),
    ...window,
  }),
  fc.record({ kind: fc.constant('fully-connected' as const), outFeatures: size, bias: fc.boolean() }),
  fc.record({
    kind: fc.constant('batch-normalization' as const),
    epsilon: fc.double({ min: 1e-12, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constantFrom('relu', 'relu6', 'add', 'global-average-pool', 'flatten') }),
  fc.record({ kind: fc.constantFrom('max-pool', 'average-pool'), ...window }),
);

/** Nodes in topological order: each reads some of those before it. */
const nodes = fc
  .array(fc.record({ operation, output: shape, picks: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }) }), {
    maxLength: 6,
  })
  .map((rest) => {
    const made: NetworkNode[] = [
      { id: 'n0', operation: { kind: 'input' }, inputs: [], output: { height: 1, width: 1, channels: 1 } },
    ];
    for (const { operation, output, picks } of rest) {
      const inputs = picks.map((pick) => `n${pick % made.length}`);
      made.push({ id: `n${made.length}`, operation, inputs, output });
    }
    return made;
  });
const networks: fc.Arbitrary<Network> = fc.record({ name, input: shape, classes: size, nodes });

const layers = list(
  fc.record({
    name,
    kind: fc.constantFrom('convolution', 'pointwise', 'depthwise', 'fully-connected'),
    inChannels: size,
    outChannels: size,
    kernelHeight: size,
    kernelWidth: size,
    stride: size,
    groups: size,
    inputHeight: size,
    inputWidth: size,
    outputHeight: size,
    outputWidth: size,
    macs: count,
    weights: count,
    inputElements: count,
    outputElements: count,
    inputTensor: name,
    inputSigned: fc.boolean(),
  }),
).map((made) => made.map((layer, index) => ({ index, ...layer })));

const allocation = fc.record({
  rule: fc.constantFrom('relative-error', 'absolute-error', 'size-ratio', 'size'),
  limit: fc.double({ min: 1, max: 1e12, noNaN: true }),
  maximumPoints: fc.integer({ min: 1, max: 8 }),
});
const scheme = fc.record(
  {
    weightQuantizer: fc.constantFrom('linear', 'k-means', 'multipoint'),
    granularity: fc.constantFrom('per-tensor', 'per-channel'),
    points: allocation,
  },
  { requiredKeys: ['weightQuantizer', 'granularity'] },
);
const layerPoints = list(fc.integer({ min: 1, max: 8_000_000 }));
const policies = fc
  .tuple(scheme, list(fc.record({ weightBits: bits, activationBits: bits })), some(layerPoints))
  .map(([kind, made, points]) => ({ ...kind, layers: made, ...(points && { layerPoints: points }) }));

const layerCost = fc.record({
  latencyMs: amount,
  energyMj: some(amount),
  trafficBytes: some(amount),
  bound: some(fc.constantFrom('compute', 'memory', 'overhead')),
  computeMs: some(amount),
  memoryMs: some(amount),
  overheadMs: some(amount),
  executedWeightBits: bits,
  executedActivationBits: bits,
  spreadMs: some(amount),
  interpolated: some(fc.constant(true)),
});
const costTables: fc.Arbitrary<CostTable> = fc
  .record({
    hardware: name,
    batch,
    weightBits: choices,
    activationBits: choices,
    provenance,
    counted: list(fc.boolean(), 3),
  })
  .chain((head) => {
    const exactly = (length: number) => ({ minLength: length, maxLength: length });
    const row = fc.array(some(layerCost), exactly(head.activationBits.length));
    const block = fc.array(row, exactly(head.weightBits.length));
    const failure = fc.record({ layer: fc.nat(head.counted.length - 1), message: fc.string() });
    const failures = fc.array(failure, { maxLength: head.counted.length });
    return fc
      .tuple(fc.array(block, exactly(head.counted.length)), failures)
      .map(([cells, found]) => (found.length === 0 ? { ...head, cells } : { ...head, cells, failures: found }));
  });
const policyCost = fc.record({
  latencyMs: some(amount),
  energyMj: some(amount),
  sizeBytes: amount,
  bops: amount,
  effectiveBits: amount,
  targets: some(list(fc.record({ hardware: name, latencyMs: some(amount), energyMj: some(amount) }), 8)),
});

const feedback = fc.record({
  hardware: name,
  batch,
  counted: list(fc.boolean()),
  latencyMs: amount,
  latencyPerImageMs: amount,
  energyMj: some(amount),
  trafficBytes: some(amount),
  layers: list(layerCost),
  spreadMs: some(amount),
});
const operators = list(
  fc.record({
    operator: fc.constantFrom('convolution', 'pointwise', 'depthwise', 'fully-connected'),
    precisions: list(fc.record({ weightBits: bits, activationBits: bits })),
  }),
);
const capabilities = fc
  .record({
    name,
    description: fc.string(),
    version: fc.string(),
    provenance,
    metrics: fc.constantFrom(['latency' as const], ['latency' as const, 'energy' as const]),
    weightBits: choices,
    activationBits: choices,
    defaultBatch: batch,
    maximumBatch: batch,
    defaultCounted: counted,
    additive: fc.boolean(),
    validation: fc.array(
      fc.record({
        source: fc.string(),
        metric: fc.string(),
        errorPercent: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      }),
    ),
  })
  .chain((head) =>
    fc.option(operators, { nil: undefined }).map((made) => (made === undefined ? head : { ...head, operators: made })),
  );

const zooModel = {
  network: name,
  width: fc.double({ min: 0.01, max: 16, noNaN: true }),
  imageSize: fc.integer({ min: 1, max: 4096 }),
  classes: size,
};
const stride = fc.integer({ min: 1, max: 64 });
const model = fc.oneof(
  fc.record({ kind: fc.constant('zoo' as const), ...zooModel, outputStride: some(stride) }),
  fc.record({ kind: fc.constant('artifact' as const), digest }),
);
const zooEntry = fc.record({
  ...zooModel,
  outputStride: stride,
  dataset: name,
  testAccuracy: share,
  parameters: count,
});
const samples = fc.nat(100_000_000);
const dataset = fc.record({
  name,
  classes: size,
  imageShape: shape,
  samples: fc.record({ training: samples, validation: samples, test: samples }),
  mean: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  std: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
  digest,
});
const preprocessing = fc
  .tuple(
    fc.integer({ min: 1, max: 4096 }),
    fc.nat(64),
    list(fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), positive)),
  )
  .map(([imageSize, pad, channels]) => ({
    imageSize,
    padding: pad,
    mean: channels.map(([mean]) => mean),
    std: channels.map(([, std]) => std),
  }));
const effort = {
  calibrationSamples: samples,
  finetuneSamples: samples,
  finetuneEpochs: fc.double({ min: 0, max: 10_000, noNaN: true }),
  validationSamples: samples,
  learningRate: fc.double({ min: 0, max: 1000, noNaN: true }),
  batchSize: batch,
};
const distillation = fc.double({ min: 0, max: 1, noNaN: true }).filter((value) => value > 0);
const fidelity = fc.oneof(fc.record(effort), fc.record({ ...effort, distillation }));
const task = { model, dataset: fc.record({ name }) };
const evaluation = fc.record({ ...task, policy: some(policies), fidelity, split, seed });
// proto3 leaves out what equals 0, the negative zero too.
const loss = fc.double().map((value) => value + 0);
const result = fc.record(
  { accuracy: share, loss, calibratedLoss: loss, split, samples, seconds: amount, layerPoints },
  { requiredKeys: ['accuracy', 'loss', 'calibratedLoss', 'split', 'samples', 'seconds'] },
);
const finetuned = fc
  .tuple(result, result, digest)
  .map(([measured, validation, checkpointDigest]) => ({ ...measured, validation, checkpointDigest }));
const exportedFile = {
  ...{ onnxDigest: digest, bytes: count, opset: fc.integer({ min: 1, max: 30 }) },
  ...{ testAccuracy: share, parity: share },
};
const speed = fc.record({ floatMs: positive, integersMs: positive, timesAsFast: positive });
const exportedIntegers = fc.record(
  { ...exportedFile, speed },
  { requiredKeys: ['onnxDigest', 'bytes', 'opset', 'testAccuracy', 'parity'] },
);
const exported = fc.record(
  {
    ...{ ...exportedFile, simulatedAccuracy: share, integers: exportedIntegers },
    points: fc.record({ points: count, sizeBytes: amount, operationsRatio: amount }),
  },
  { requiredKeys: ['onnxDigest', 'bytes', 'opset', 'testAccuracy', 'simulatedAccuracy', 'parity'] },
);

const constraint = fc.record({
  metric: fc.constantFrom(...METRICS),
  target: some(name),
  limit: fc.oneof(
    fc.record({ kind: fc.constant('absolute' as const), value: positive }),
    fc.record({ kind: fc.constant('relative' as const), ratio: positive }),
  ),
});
/** What JSON can hold; `-0` becomes 0 there. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const specs: fc.Arbitrary<SearchSpec> = fc.record({
  ...task,
  hardware: list(fc.record({ name, batch: some(batch), counted: some(counted) }), 8),
  budget: fc.array(constraint, { maxLength: 16 }),
  strategy: fc.record({
    name,
    options: fc.dictionary(fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b') }), json),
  }),
  scheme,
  weightBits: choices,
  activationBits: choices,
  pin: fc.constantFrom('first-last', 'none'),
  maxTrials: fc.integer({ min: 1, max: 100_000 }),
  timeLimitSeconds: fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: undefined }),
  trialFidelity: fidelity,
  finalFidelity: fidelity,
  finalists: fc.integer({ min: 1, max: 100 }),
  seed,
});
const state = fc.constantFrom('pending', 'running', 'completed', 'failed', 'cancelled');
const phase = fc.constantFrom('preparing', 'baselines', 'searching', 'finetuning', 'exporting', 'done');
const failure = some(fc.record({ kind: fc.string(), reason: fc.string(), message: fc.string() }));
const records = fc.record({
  id: name,
  requestId: name,
  spec: specs,
  state,
  phase,
  failure,
  createdAt: count,
  updatedAt: count,
});
const trial = {
  index: count.map((value) => value % 2 ** 32),
  role: fc.constantFrom('baseline' as const, 'strategy' as const, 'finalist' as const),
  origin: name,
  policy: some(policies),
  policyHash: name,
  cost: policyCost,
  feasible: fc.boolean(),
  accuracy: some(share),
  calibratedLoss: some(amount),
  split,
  validationAccuracy: some(share),
  validationCalibratedLoss: some(amount),
  samples,
  seconds: amount,
  checkpointDigest: some(digest),
  error: some(name),
  finishedAt: count,
};
const trials = fc.record({ searchId: name, ...trial });
const wait = fc.record({ peer: name, since: count, until: count, reason: fc.string() });
const progress = fc
  .record({
    searchId: name,
    sequence: fc.nat(),
    state,
    phase,
    done: fc.nat(),
    total: fc.nat(),
    evaluationsPerSecond: amount,
    etaSeconds: some(amount),
    best: some(fc.record({ accuracy: share, origin: name, cost: policyCost, policy: policies })),
    latest: some(fc.record(trial)),
    failure,
    waitingFor: some(wait),
    measuring: some(fc.record({ phase: fc.string(), done: fc.nat(), total: fc.nat(), etaSeconds: some(amount) })),
  })
  .map((made) => ({ ...made, latest: made.latest && { searchId: made.searchId, ...made.latest } }));
const events: fc.Arbitrary<BitwrightEvent> = fc.record({
  id: name,
  kind: fc.constantFrom(...EVENT_KINDS),
  subject: name,
  time: count,
  attributes: fc.dictionary(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/),
    fc.oneof(fc.string(), fc.double(), fc.boolean()),
  ),
});
const plain = fc.stringMatching(/^[^\p{Cc}]{0,20}$/u);
const announcedTargets = fc.array(
  fc.record({ name: plain.filter((text) => text !== ''), version: plain, provenance }),
  { maxLength: 4 },
);
const address = fc.constantFrom('127.0.0.1:7003', 'board-7.example.org:1', '[::1]:65535');
const announcements = fc.record({
  instanceId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  ...{ address, version: plain, targets: announcedTargets, leaving: fc.boolean() },
  intervalMs: fc.integer(LIMITS.announcementIntervalMs),
});
const endpoints = fc.record({
  ...{ address, configured: fc.boolean(), announced: fc.boolean(), targets: announcedTargets },
  outage: some(fc.record({ since: count, reason: fc.string() })),
});
// The wire does not tell -0 from 0.
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const policyAnswers = fc.record({
  policy: policies,
  layers,
  cost: policyCost,
  objective: fc.record({ name, value: finite }),
  predictedLossIncrease: some(amount),
  limits: fc.array(
    fc.record({
      ...{ metric: fc.constantFrom('latency', 'energy', 'size', 'bops', 'effective-bits'), hardware: some(name) },
      ...{ budget: fc.string(), limit: finite, reached: some(amount), shadowPrice: finite },
    }),
    { maxLength: 4 },
  ),
}) as fc.Arbitrary<PolicyAnswer>;
const saving = some(fc.record({ latencyMs: finite, energyMj: some(finite) }));
const explanations = fc
  .record({
    ...{ hardware: name, batch, layers, weightBits: bits, activationBits: bits, cost: layerCost },
    ...{ rank: some(amount), share, intensity: some(amount), perWeightBit: saving, perActivationBit: saving },
  })
  .map(
    ({
      hardware,
      batch: images,
      layers: made,
      weightBits,
      activationBits,
      perWeightBit,
      perActivationBit,
      ...standing
    }) => ({
      ...{ hardware, batch: images, layers: made },
      policy: { layers: made.map(() => ({ weightBits, activationBits })) },
      standings: made.map(() => ({ ...standing, marginals: { perWeightBit, perActivationBit } })),
    }),
  ) as fc.Arbitrary<PolicyExplanation>;
const agentCapabilities = fc.record({
  version: fc.string(),
  strategies: fc.array(
    fc.record({
      ...{ name, description: fc.string() },
      options: fc.array(fc.record({ name, description: fc.string(), values: fc.string(), default: some(fc.string()) })),
    }),
  ),
  hardware: fc.array(capabilities, { maxLength: 2 }),
  hardwareEndpoints: fc.array(endpoints, { maxLength: 3 }),
  models: fc.array(zooEntry, { maxLength: 3 }),
  datasets: fc.array(dataset, { maxLength: 3 }),
  quantizerOutage: fc.option(name, { nil: undefined }),
});

function check<T>(values: fc.Arbitrary<T>, roundTrip: (value: T) => unknown): void {
  fc.assert(
    fc.property(values, (value) => {
      expect(roundTrip(value)).toEqual(value);
    }),
    RUNS,
  );
}

/** Increases of two layers; entries of the matrix are floats of 32 bits. */
function sensitivities(widths: fc.Arbitrary<number[]>): fc.Arbitrary<SensitivityReport> {
  const increase = fc.double();
  const values = (bits: readonly number[]) => fc.array(increase, { minLength: bits.length, maxLength: bits.length });
  return fc
    .tuple(widths, widths, fc.float({ min: 0, max: 1, noNaN: true }))
    .chain(([weightBits, activationBits, cka]) => {
      const layer = fc.record({
        weights: values(weightBits),
        activations: values(activationBits),
        curvature: some(amount),
      });
      const measure = fc.constantFrom('loss-increase', 'output-divergence', 'hessian-trace', 'fisher');
      return fc.record({
        weightBits: fc.constant(weightBits),
        activationBits: fc.constant(activationBits),
        orthogonality: some(
          fc.constant([
            [1, cka],
            [cka, 1],
          ]),
        ),
        increases: fc.array(fc.record({ measure, layers: list(layer) }), { maxLength: 3 }),
        featureSamples: fc.nat(1000),
        samples: fc.nat(1000),
        seconds: amount,
      });
    });
}

describe('what is sent arrives unchanged', () => {
  it('networks', () => {
    check(networks, (value) => fromWireNetwork(travel(network.Network, toWireNetwork(value)), 'network'));
  });
  it('layers', () => {
    check(layers, (value) =>
      fromWireLayers(
        toWireLayers(value).map((layer) => travel(network.Layer, layer)),
        'layers',
      ),
    );
  });
  it('policies', () => {
    check(policies, (value) => fromWirePolicy(travel(policy.PrecisionPolicy, toWirePolicy(value)), 'policy'));
  });
  it('cost tables, with cells that know their latency alone', () => {
    check(costTables, (value) => fromWireCostTable(travel(cost.CostTable, toWireCostTable(value)), 'table'));
  });
  it('hardware feedback and options', () => {
    check(feedback, (value) => fromWireFeedback(travel(hardware.EvaluateResponse, toWireFeedback(value)), 'feedback'));
    const options = fc
      .tuple(fc.record({ batch: some(batch), counted: some(counted) }), some(networks))
      .map(([head, graph]) => (graph === undefined ? head : { ...head, network: graph }));
    check(options, (value) => {
      const setup = { hardware: 'edge', layers: [], ...toWireHardwareOptions(value) };
      return fromWireHardwareOptions(travel(hardware.EvaluateSetup, setup), 'request');
    });
  });
  it('model descriptions', () => {
    const descriptions = fc.record({
      network: networks,
      modelDigest: some(digest),
      preprocessing: some(preprocessing),
    });
    check(descriptions, (value) =>
      fromWireModelDescription(travel(quantizer.DescribeModelResponse, toWireModelDescription(value)), 'model'),
    );
  });
  it('evaluations and their results', () => {
    check(evaluation, (value) =>
      fromWireEvaluation(travel(quantizer.Evaluation, toWireEvaluation(value)), 'evaluation'),
    );
    check(finetuned, (value) =>
      fromWireFinetuneResult(travel(quantizer.FinetuneResult, toWireFinetuneResult(value)), 'result'),
    );
  });
  it('sensitivity requests and reports', () => {
    const widths = fc.uniqueArray(fc.integer({ min: 1, max: 8 })).map((values) => values.sort((a, b) => a - b));
    const measures = fc.uniqueArray(fc.constantFrom(...SENSITIVITY_MEASURES), { minLength: 1 });
    const samples = fc.integer({ min: 2, max: 1000 });
    const asked = { ...task, measures, scheme, weightBits: widths, activationBits: widths, featureSamples: samples };
    const known = fc.array(fc.string(), { minLength: 1 });
    const whole = { ...asked, samples, calibrationSamples: samples, seed, known };
    const requiredKeys = [
      ...(Object.keys(asked) as (keyof typeof asked)[]),
      'samples',
      'calibrationSamples',
      'seed',
    ] as const;
    check(fc.record(whole, { requiredKeys: [...requiredKeys] }), (value) =>
      fromWireSensitivityRequest(
        travel(quantizer.MeasureSensitivityRequest, toWireSensitivityRequest(value)),
        'request',
      ),
    );
    check(sensitivities(widths), (value) =>
      fromWireSensitivity(travel(quantizer.SensitivityResult, toWireSensitivity(value)), 'result'),
    );
  });
  it('requests to learn precisions and what was learned', () => {
    const width = fc.integer({ min: 1, max: 8 });
    const budget = fc.oneof(
      fc.record({ kind: fc.constant('mean-bits'), weightBits: width, activationBits: width }),
      fc.record({
        kind: fc.constant('limits'),
        limits: fc.array(
          fc.oneof(
            fc.record({ metric: fc.constantFrom('latency', 'energy'), limit: positive, table: costTables }),
            fc.record({ metric: fc.constantFrom('size', 'bops', 'effective-bits'), limit: positive }),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      }),
    );
    const bits = fc.uniqueArray(width, { minLength: 1 });
    const choices = fc.option(fc.record({ weightBits: bits, activationBits: bits }), { nil: undefined });
    const rates = { widths: choices, levelRate: share, correction: share, gateRate: share };
    const asked = fc.record({
      ...{ ...task, ...rates, budget, fidelity, seed, maximumBits: fc.constant(8), minimumBits: width },
      ...{ pin: fc.constantFrom('first-last', 'none'), gateOrder: fc.constantFrom(1, 2) },
      split: fc.constantFrom('training', 'validation', 'test'),
    }) as fc.Arbitrary<LearnPrecisionRequest>;
    check(asked, (value) =>
      fromWireLearnPrecisionRequest(
        travel(quantizer.LearnPrecisionRequest, toWireLearnPrecisionRequest(value)),
        'request',
      ),
    );
    const levels = fc
      .uniqueArray(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 256 })
      .map((values) => values.sort((a, b) => a - b));
    const weightScales = list(fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-30) }));
    const layer = fc.record({ weightLevels: levels, weightScales, inputLevels: levels, uniformError: amount });
    const learned = fc
      .tuple(finetuned, policies, list(layer), share)
      .map(([{ validation, ...result }, policy, layers, uniformAccuracy]) => ({
        ...{ ...result, policy, layers, uniformAccuracy },
      }));
    check(learned, (value) =>
      fromWireLearnPrecisionResult(travel(quantizer.LearnedPrecision, toWireLearnPrecisionResult(value)), 'result'),
    );
  });
  it('exports and progress', () => {
    const requests = fc.record({ ...task, policy: policies, checkpointDigest: digest });
    check(requests, (value) =>
      fromWireExportRequest(travel(quantizer.ExportModelRequest, toWireExportRequest(value)), 'request'),
    );
    check(exported, (value) =>
      fromWireExportResult(travel(quantizer.ExportResult, toWireExportResult(value)), 'result'),
    );
    const logLines = fc.array(fc.string(), { minLength: 1 });
    const progress = { phase: fc.string(), done: fc.nat(), total: fc.nat(), logLines };
    check(fc.record(progress, { requiredKeys: ['phase', 'done', 'total'] }), (value) =>
      fromWireWorkProgress(travel(quantizer.WorkProgress, toWireWorkProgress(value)), 'progress'),
    );
  });
  it('searches with their specs', () => {
    check(constraint, (value) => fromWireConstraint(travel(agent.Constraint, toWireConstraint(value)), 'constraint'));
    check(records, (value) => fromWireSearch(travel(agent.Search, toWireSearch(value)), 'search'));
  });
  it('trials and progress', () => {
    check(trials, (value) => fromWireTrial(travel(agent.Trial, toWireTrial(value)), value.searchId, 'trial'));
    check(progress, (value) =>
      fromWireWatchUpdate(travel(agent.WatchSearchResponse, toWireWatchUpdate(value)), 'update'),
    );
  });
  it('events', () => {
    check(events, (value) => decodeEvent(encodeEvent(value)));
  });
  it('announcements', () => {
    check(announcements, (value) => decodeAnnouncement(encodeAnnouncement(value)));
  });
  it('policies for other budgets', () => {
    check(policyAnswers, (value) =>
      fromWirePolicyAnswer(travel(agent.ResolvePolicyResponse, toWirePolicyAnswer(value)), 'answer'),
    );
  });
  it('explained policies', () => {
    const target = fc.record({ name, batch: some(batch), counted: some(counted) });
    const asked = fc.record({ model, hardware: target, policy: policies }) as fc.Arbitrary<ExplainPolicyRequest>;
    check(asked, (value) =>
      fromWireExplainPolicyRequest(travel(agent.ExplainPolicyRequest, toWireExplainPolicyRequest(value))),
    );
    check(explanations, (value) =>
      fromWirePolicyExplanation(travel(agent.ExplainPolicyResponse, toWirePolicyExplanation(value)), 'explanation'),
    );
  });
  it('what an agent can do', () => {
    check(agentCapabilities, (value) =>
      fromWireAgentCapabilities(travel(agent.GetCapabilitiesResponse, toWireAgentCapabilities(value)), 'capabilities'),
    );
  });
});

describe('what anybody may send', () => {
  it('is an announcement or is refused, whatever the bytes', () => {
    const sound = announcements.map(encodeAnnouncement);
    const damaged = fc.tuple(sound, fc.nat(), fc.nat(255)).map(([bytes, position, value]) => {
      const copy = Uint8Array.from(bytes);
      copy[position % copy.length] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        try {
          expect(decodeAnnouncement(bytes).instanceId).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        } catch (error) {
          expect(error).toMatchObject({ kind: 'invalid_argument' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
