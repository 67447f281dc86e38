/** Times training steps and folded evaluation in the engine. Usage: tsx bitwright.ts <steps> <cases>; see run.ts */
import { createRandomSource } from '@bitwright/core';
import { buildZooNetwork } from '@bitwright/zoo';
import { createClassifier } from '../../../libs/engine/src/measuring/classifier.js';
import { createParameters } from '../../../libs/engine/src/network/create-parameters.js';
import { foldBatchNormalization } from '../../../libs/engine/src/network/fold-batch-normalization.js';
import { createTrainingStep } from '../../../libs/engine/src/training/training-step.js';
import { finish } from '../../../libs/engine/src/work.js';

type Case = readonly [width: number, imageSize: number, batch: number, outputStride: number];

const steps = Number(process.argv[2]);
const cases = JSON.parse(process.argv[3] ?? '[]') as readonly Case[];
const random = createRandomSource(1);

function shortest(run: () => void): number {
  const times = Array.from({ length: steps }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

function measure([width, imageSize, batchSize, outputStride]: Case): { training: number; evaluation: number } {
  const shape = { imageSize, channels: 3, classes: 10 };
  const network = buildZooNetwork({ network: 'mobilenet-v2', width, outputStride, ...shape });
  const preprocessing = { imageSize, padding: 0, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };
  const images = Uint8Array.from({ length: batchSize * imageSize * imageSize * 3 }, () => random.integer(256));
  const labels = Int32Array.from({ length: batchSize }, () => random.integer(10));
  const parameters = createParameters(network, random);
  const batchNormalization = { kind: 'training', momentum: 0.1 } as const;
  const options = { batchSize, labelSmoothing: 0, momentum: 0.9, weightDecay: 1e-4, decays: () => true };
  using step = createTrainingStep(network, preprocessing, { ...options, batchNormalization });
  step.start(parameters);
  const training = shortest(() => step.run({ images, labels }, 0.05));
  const folded = foldBatchNormalization({ network, parameters });
  using classifier = createClassifier(folded.network, preprocessing);
  classifier.start(folded.parameters);
  const samples = { images, labels, count: batchSize, height: imageSize, width: imageSize, channels: 3 };
  return { training, evaluation: shortest(() => finish(classifier.measure(samples, batchSize))) };
}

console.log(JSON.stringify(cases.map(measure)));
