import {
  createRandomSource,
  paretoFront,
  type Report,
  type ReportEntry,
  type ReportLayer,
  type ReportTrial,
} from '@bitwright/core';

const LAYERS = 28;

/** A report as a search for MobileNetV1 on Fashion-MNIST gives it, with made-up figures. */
export function sampleReport(change: Partial<Report> = {}): Report {
  const layers = sampleLayers();
  const latencyMs = layers.reduce((sum, layer) => sum + (layer.counted ? (layer.latencyMs ?? 0) : 0), 0);
  const trials = sampleTrials();
  const result = entry({
    strategy: 'haq',
    testAccuracy: 0.9187,
    validationAccuracy: 0.9204,
    validationCalibratedLoss: 0.2231,
    latencyMs,
    policyHash: 'best',
  });
  return {
    ...{ schema: 'bitwright.report/1', searchId: '7d1f4c52-8a42-4b1c-9c0e-5f0f1c9c2f11', state: 'completed', result },
    policy: { weightQuantizer: 'linear', granularity: 'per-channel', layers },
    strategyBest: { ...result, strategy: 'haq' },
    baselines: sampleBaselines(),
    constraints: [
      {
        metric: 'latency',
        budget: 'latency<=0.6x',
        limit: 0.126,
        reference: 0.21,
        smallest: 0.041,
        reached: latencyMs,
      },
    ],
    front: sampleFront(trials),
    layers,
    trials,
    exported: {
      onnxDigest: 'c'.repeat(64),
      bytes: 262_000,
      opset: 21,
      onnxTestAccuracy: 0.9186,
      simulatedTestAccuracy: 0.9187,
      parity: 0.9994,
      integers: {
        ...{ onnxDigest: 'd'.repeat(64), bytes: 261_000, opset: 17 },
        ...{ onnxTestAccuracy: 0.9181, parity: 0.9902 },
        speed: { floatMs: 1.142, integersMs: 0.674, timesAsFast: 1.694 },
      },
    },
    provenance: sampleProvenance(),
    ...change,
  };
}

function entry(known: Partial<ReportEntry>): ReportEntry {
  const costs = { latencyMs: 0.12, energyMj: 0.0312, sizeBytes: 121_400, effectiveBits: 4.61 };
  return {
    strategy: 'haq',
    testAccuracy: null,
    validationAccuracy: null,
    validationCalibratedLoss: null,
    ...costs,
    feasible: true,
    policyHash: 'hash',
    ...known,
  };
}

function sampleBaselines(): readonly ReportEntry[] {
  const uniform = (bits: number, testAccuracy: number, latencyMs: number, feasible: boolean) =>
    entry({
      ...{ strategy: `uniform-${bits}`, testAccuracy, latencyMs, feasible },
      ...{ validationAccuracy: testAccuracy + 0.002, validationCalibratedLoss: 1.14 - testAccuracy },
      ...{ sizeBytes: 26_325 * bits, effectiveBits: bits + 0.05, policyHash: `uniform-${bits}` },
    });
  const float = {
    testAccuracy: 0.9241,
    validationAccuracy: 0.926,
    validationCalibratedLoss: 0.2106,
    latencyMs: null,
    energyMj: null,
    sizeBytes: 842_400,
    effectiveBits: 32,
  };
  return [
    entry({ strategy: 'float', ...float, feasible: false, policyHash: 'float' }),
    uniform(8, 0.9238, 0.21, false),
    uniform(6, 0.9229, 0.158, false),
    uniform(4, 0.9131, 0.112, true),
  ];
}

function sampleLayers(): readonly ReportLayer[] {
  return Array.from({ length: LAYERS }, (_, index) => {
    const isEnd = index === 0 || index === LAYERS - 1;
    const depthwise = index % 2 === 1 && !isEnd;
    const weightBits = isEnd ? 8 : depthwise ? 6 : 3 + (index % 3);
    const activationBits = isEnd ? 8 : 4 + (index % 2);
    const name =
      index === LAYERS - 1
        ? 'classifier'
        : index === 0
          ? 'stem'
          : `block${Math.ceil(index / 2)}.${depthwise ? 'depthwise' : 'pointwise'}`;
    const latencyMs = 0.002 + (depthwise ? 0.001 : 0.00021 * weightBits * activationBits * (1 + (index % 5) / 5));
    return {
      ...{
        index,
        name,
        kind: index === 0 ? 'convolution' : depthwise ? 'depthwise' : isEnd ? 'fully-connected' : 'pointwise',
      },
      ...{ weightBits, activationBits, executedWeightBits: weightBits, executedActivationBits: activationBits },
      ...{
        weights: 1000 + 700 * index,
        macs: 100_000,
        sizeBytes: ((1000 + 700 * index) * weightBits) / 8,
        counted: !isEnd,
      },
      ...{ latencyMs, latencyMsAt8Bits: latencyMs * 2.1, energyMj: latencyMs * 0.27, trafficBytes: 3000 + 100 * index },
      bound: depthwise ? 'memory' : 'compute',
      ...{ latencyMsPerWeightBit: depthwise ? 0 : latencyMs / weightBits, latencyMsPerActivationBit: latencyMs / 8 },
      ...{ energyMjPerWeightBit: latencyMs * 0.03, energyMjPerActivationBit: latencyMs * 0.035 },
      interpolated: false,
    };
  });
}

function sampleTrials(): readonly ReportTrial[] {
  const random = createRandomSource(5);
  const trial = (index: number, known: Partial<ReportTrial>): ReportTrial => ({
    ...{
      index,
      role: 'strategy',
      origin: 'haq/actor',
      accuracy: 0.9,
      calibratedLoss: 0.28,
      split: 'validation',
      latencyMs: 0.12,
      energyMj: 0.03,
    },
    ...{
      sizeBytes: 120_000,
      effectiveBits: 4.5,
      feasible: true,
      seconds: 1.1,
      policyHash: `trial-${index}`,
      error: null,
      ...known,
    },
  });
  const controls = sampleBaselines().map((baseline, index) =>
    trial(index, {
      ...baseline,
      role: 'baseline',
      origin: baseline.strategy,
      accuracy: baseline.validationAccuracy,
      calibratedLoss: baseline.validationCalibratedLoss ?? null,
      policyHash: baseline.policyHash,
    }),
  );
  const tried = Array.from({ length: 60 }, (_, index) => {
    const latencyMs = 0.09 + 0.036 * random.uniform();
    const accuracy = 0.86 + 0.9 * (latencyMs - 0.06) + 0.012 * random.normal();
    return trial(4 + index, { latencyMs, accuracy: Math.min(0.917, accuracy) });
  });
  return [...controls, ...tried, trial(64, { latencyMs: 0.1221, accuracy: 0.919, policyHash: 'best' })];
}

function sampleFront(trials: readonly ReportTrial[]): readonly ReportEntry[] {
  const measured = trials.filter(({ latencyMs, accuracy }) => latencyMs !== null && accuracy !== null);
  const front = paretoFront(measured, ({ latencyMs, accuracy }) => ({ value: accuracy ?? 0, cost: latencyMs ?? 0 }));
  return front.map(({ latencyMs, accuracy, calibratedLoss = null, policyHash, origin }) => {
    const figures = { validationAccuracy: accuracy, validationCalibratedLoss: calibratedLoss };
    return entry({ strategy: origin.split('/')[0] ?? '', latencyMs, ...figures, policyHash });
  });
}

function sampleProvenance(): Report['provenance'] {
  const fidelity = {
    calibrationSamples: 256,
    finetuneSamples: 2048,
    finetuneEpochs: 1,
    validationSamples: 2048,
    learningRate: 0.001,
    batchSize: 64,
  };
  const bits = [1, 2, 3, 4, 5, 6, 7, 8];
  return {
    ...{ version: '0.1.0', createdAt: '2026-01-02T03:04:05.000Z', seconds: 161.4, seed: 1, dataset: 'fashion-mnist' },
    spec: {
      model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
      dataset: { name: 'fashion-mnist' },
      hardware: { name: 'bismo-edge' },
      budget: [{ metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
      strategy: { name: 'haq', options: {} },
      scheme: { weightQuantizer: 'linear', granularity: 'per-channel' },
      ...{ weightBits: bits, activationBits: bits, pin: 'first-last', maxTrials: 60 },
      ...{ trialFidelity: fidelity, finalFidelity: fidelity, finalists: 2, seed: 1 },
    },
    splits: { training: 55_000, validation: 5_000, test: 10_000 },
    ...{ dataDigest: 'd'.repeat(64), modelDigest: 'e'.repeat(64) },
    preprocess: { imageSize: 32, padding: 2, mean: [0.286], std: [0.353] },
    hardware: { name: 'bismo-edge', version: '1', batch: 1, provenance: 'simulated' },
    versions: { bitwright: '0.1.0', node: '20.17.0' },
  };
}
