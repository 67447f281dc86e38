import {
  BitwrightError,
  costOfPolicy,
  type DatasetDescription,
  deriveLayers,
  type EvaluationRequest,
  type EvaluationResult,
  type Layer,
  type LearnPrecisionRequest,
  metricOf,
  type Network,
  type PrecisionPolicy,
  pinnedUniformPolicy,
  type Quantizer,
  type SensitivityReport,
  type SensitivityRequest,
  type WorkOptions,
  widerPrecision,
} from '@bitwright/core';

/** A quantizer that computes nothing: accuracy is a fixed function of the policy, and a test may make it fail or wait. */
export type FakeQuantizer = Quantizer & {
  /** Requests so far, in order. */
  readonly requests: EvaluationRequest[];
  readonly sensitivityRequests: SensitivityRequest[];
  readonly learnRequests: LearnPrecisionRequest[];
  /** Runs before each evaluation; may throw or wait. */
  before: (request: EvaluationRequest, options: WorkOptions) => Promise<void> | void;
};

const DATASET: DatasetDescription = {
  name: 'fake-images',
  classes: 10,
  imageShape: { height: 28, width: 28, channels: 1 },
  samples: { training: 5000, validation: 1000, test: 1000 },
  mean: [0.28],
  std: [0.35],
  digest: '0'.repeat(64),
};

/** Accuracy grows with bits, saturates, and weighs weights more than activations. */
export function fakeAccuracy(policy: PrecisionPolicy | undefined): number {
  if (policy === undefined) return 0.93;
  const harm = policy.layers.map(({ weightBits, activationBits }) => 2 ** -weightBits + 0.5 * 2 ** -activationBits);
  return 0.92 - harm.reduce((sum, value) => sum + value, 0) / policy.layers.length;
}

/** The less, the greater the accuracy; nats. */
function fakeCalibratedLoss(policy: PrecisionPolicy | undefined): number {
  return 0.5 * (1 - fakeAccuracy(policy));
}

/** Layers repeat each other the more, the nearer they are; early layers are the more sensitive ones. */
export function fakeSensitivity(request: SensitivityRequest, layerCount: number): SensitivityReport {
  const { measures, weightBits, activationBits, featureSamples, samples } = request;
  const indices = Array.from({ length: layerCount }, (_, index) => index);
  const layers = indices.map((index) => ({
    weights: weightBits.map((bits) => 4 ** -bits / (1 + index)),
    activations: activationBits.map((bits) => (0.5 * 4 ** -bits) / (1 + index)),
  }));
  const increases = measures.flatMap((measure) => (measure === 'orthogonality' ? [] : [{ measure, layers }]));
  const orthogonality = measures.includes('orthogonality')
    ? indices.map((i) => indices.map((j) => Math.fround(1 / (1 + Math.abs(i - j)))))
    : undefined;
  return { weightBits, activationBits, orthogonality, increases, featureSamples, samples, seconds: 0.01 };
}

/** The most bits everywhere that meet all limits. */
function fakeLearnedPolicy(
  { budget, widths, maximumBits, minimumBits, pin }: LearnPrecisionRequest,
  layers: readonly Layer[],
): PrecisionPolicy {
  const limits = budget.kind === 'limits' ? budget.limits : [];
  const fits = (policy: PrecisionPolicy) =>
    limits.every((limited) => {
      const used = policy.layers.map((bits) => (widths === undefined ? bits : widerPrecision(widths, bits)));
      const table = 'table' in limited ? limited.table : undefined;
      const cost = costOfPolicy(layers, table, { ...policy, layers: used });
      return (metricOf(cost, limited.metric) ?? 0) <= limited.limit;
    });
  const policies = Array.from({ length: maximumBits - minimumBits + 1 }, (_, fewer) =>
    pinnedUniformPolicy(layers.length, maximumBits - fewer, pin),
  );
  return policies.find(fits) ?? (policies.at(-1) as PrecisionPolicy);
}

export function createFakeQuantizer(network: Network, parallelism = 2): FakeQuantizer {
  const measure = async (request: EvaluationRequest, options: WorkOptions = {}): Promise<EvaluationResult> => {
    fake.requests.push(request);
    await fake.before(request, options);
    if (options.signal?.aborted === true) throw new BitwrightError('cancelled', 'CANCELLED', 'cancelled');
    const { policy, split } = request;
    const figures = { accuracy: fakeAccuracy(policy), loss: 0.5, calibratedLoss: fakeCalibratedLoss(policy) };
    return { ...figures, split, samples: DATASET.samples[split], seconds: 0.01 };
  };
  const preprocessing = { imageSize: 32, padding: 2, mean: [0.28], std: [0.35] };
  const fake: FakeQuantizer = {
    requests: [],
    sensitivityRequests: [],
    learnRequests: [],
    before: () => {},
    parallelism: async () => parallelism,
    listModels: async () => [],
    listDatasets: async () => [DATASET],
    describeModel: async () => ({ network, modelDigest: '1'.repeat(64), preprocessing }),
    describeDataset: async () => DATASET,
    evaluatePolicy: measure,
    learnPrecision: async (request, options) => {
      fake.learnRequests.push(request);
      const layers = deriveLayers(network);
      const policy = fakeLearnedPolicy(request, layers);
      return {
        ...(await measure({ ...request, policy }, options)),
        policy,
        layers: layers.map(() => ({ weightLevels: [-1, 1], weightScales: [1], inputLevels: [0, 1], uniformError: 0 })),
        uniformAccuracy: 0.9,
        checkpointDigest: '6'.repeat(64),
      };
    },
    realizeIntegers: async () => ({
      ...{ onnxDigest: '4'.repeat(64), bytes: 1000, opset: 17, logDigest: '5'.repeat(64), floatAccuracy: 0.93 },
      ...{ simulatedAccuracy: 0.92, testAccuracy: 0.92, checkedSamples: 1000, parity: 1, trials: 1, seconds: 0.01 },
      bits: [{ variable: 'input', bits: 8 }],
    }),
    measureSensitivity: async (request) => {
      fake.sensitivityRequests.push(request);
      return fakeSensitivity(request, deriveLayers(network).length);
    },
    finetunePolicy: async (request, options) => {
      const test = await measure(request, options);
      return { ...test, validation: { ...test, split: 'validation' }, checkpointDigest: '2'.repeat(64) };
    },
    exportModel: async ({ policy }) => {
      const accuracy = fakeAccuracy(policy);
      return {
        onnxDigest: '3'.repeat(64),
        bytes: 1000,
        opset: 13,
        testAccuracy: accuracy,
        simulatedAccuracy: accuracy,
        parity: 1,
      };
    },
  };
  return fake;
}
