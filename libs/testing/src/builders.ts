import { randomUUID } from 'node:crypto';
import {
  type BitwrightEvent,
  policyHash,
  type SearchRecord,
  type SearchSpec,
  type Trial,
  uniformPolicy,
} from '@bitwright/core';

/** A whole and valid specification; what a test is about it gives itself. */
export function buildSearchSpec(change: Partial<SearchSpec> = {}): SearchSpec {
  const fidelity = { calibrationSamples: 64, finetuneSamples: 0, finetuneEpochs: 0, learningRate: 0.01, batchSize: 64 };
  return {
    model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
    dataset: { name: 'fashion-mnist' },
    hardware: [{ name: 'bismo-edge' }],
    budget: [{ metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
    strategy: { name: 'haq', options: {} },
    scheme: { weightQuantizer: 'linear', granularity: 'per-channel' },
    weightBits: [1, 2, 3, 4, 5, 6, 7, 8],
    activationBits: [1, 2, 3, 4, 5, 6, 7, 8],
    pin: 'first-last',
    maxTrials: 10,
    trialFidelity: { ...fidelity, validationSamples: 256 },
    finalFidelity: { ...fidelity, finetuneEpochs: 1, finetuneSamples: 1024, validationSamples: 0 },
    finalists: 1,
    seed: 1,
    ...change,
  };
}

/** A search just created, with ids of its own. */
export function buildSearchRecord(change: Partial<SearchRecord> = {}): SearchRecord {
  return {
    id: `search-${randomUUID()}`,
    requestId: `request-${randomUUID()}`,
    spec: buildSearchSpec(),
    state: 'pending',
    phase: 'preparing',
    failure: undefined,
    createdAt: 1_767_225_600_123,
    updatedAt: 1_767_225_600_123,
    ...change,
  };
}

/** A trial of three layers at 4 bits. */
export function buildTrial(searchId: string, index: number, change: Partial<Trial> = {}): Trial {
  const policy = uniformPolicy(3, 4);
  return {
    searchId,
    index,
    role: 'strategy',
    origin: 'actor',
    policy,
    policyHash: policyHash(policy),
    cost: { latencyMs: 1.25, energyMj: 0.1, sizeBytes: 1500.5, bops: 2_000_000, effectiveBits: 4 },
    feasible: true,
    accuracy: 0.1 + 0.2,
    calibratedLoss: 0.7 + 0.1,
    split: 'validation',
    validationAccuracy: undefined,
    validationCalibratedLoss: undefined,
    samples: 256,
    seconds: 0.75,
    checkpointDigest: undefined,
    error: undefined,
    finishedAt: 1_767_225_601_456,
    ...change,
  };
}

/** An event of a search's trial, with an id of its own. */
export function buildEvent(change: Partial<BitwrightEvent> = {}): BitwrightEvent {
  return {
    id: randomUUID(),
    kind: 'trial.evaluated',
    subject: 'search-1',
    time: 1_767_225_600_123,
    attributes: { index: 3, accuracy: 0.5, feasible: true, origin: 'actor' },
    ...change,
  };
}
