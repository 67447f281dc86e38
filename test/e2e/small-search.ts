import { type Fidelity, type PartialSearchSpec, parseConstraint } from '@bitwright/core';

/** Trained for Fashion-MNIST, comes with the zoo. */
export const MODEL = { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 } as const;

const SMALL: Fidelity = {
  calibrationSamples: 64,
  finetuneSamples: 256,
  finetuneEpochs: 1,
  validationSamples: 256,
  learningRate: 0.001,
  batchSize: 64,
};

/** A whole search that takes seconds: real images and a real network, few of everything. */
export function smallSearch(change: Partial<PartialSearchSpec> = {}): PartialSearchSpec {
  return {
    model: MODEL,
    dataset: { name: 'fashion-mnist' },
    hardware: [{ name: 'bismo-edge' }],
    budget: [parseConstraint('latency<=0.6x')],
    strategy: { name: 'haq', options: {} },
    maxTrials: 4,
    trialFidelity: SMALL,
    finalFidelity: { ...SMALL, validationSamples: 1000 },
    finalists: 2,
    seed: 1,
    ...change,
  };
}

/** The same on fewer images, with evaluations of about a second: long enough to be met in the middle. */
export function slowerSearch(dataFolder: string, change: Partial<PartialSearchSpec> = {}): PartialSearchSpec {
  const trialFidelity = { ...SMALL, finetuneSamples: 1024 };
  return smallSearch({ dataset: { name: dataFolder }, trialFidelity, finalists: 1, ...change });
}
