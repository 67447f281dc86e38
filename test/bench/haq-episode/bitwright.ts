/** Times HAQ episodes as a search makes them, two at once. Usage: tsx bitwright.ts <workers> <episodes>; see run.ts */
import { createRandomSource, type Fidelity, type ModelSource, type SearchProgress, sha256Hex } from '@bitwright/core';
import { createParameters } from '@bitwright/engine';
import { exportOnnx } from '@bitwright/onnx';
import { buildZooNetwork } from '@bitwright/zoo';
import { openLocalSearches } from '../../local-search.js';

const [workers, episodes] = process.argv.slice(2).map(Number) as [number, number];
/** What comes before is left out: children start, graphs are compiled, and the networks are not yet updated. */
const WARM_UP = 4;

const SHAPE = { network: 'mobilenet-v2', width: 0.25, imageSize: 32, classes: 10, outputStride: 32 } as const;
const MODEL: ModelSource = { kind: 'zoo', ...SHAPE };
const EPISODE: Fidelity = {
  calibrationSamples: 64,
  finetuneSamples: 2048,
  finetuneEpochs: 1,
  validationSamples: 2048,
  learningRate: 0.001,
  batchSize: 64,
};

/** Fresh parameters: how long an episode takes does not depend on what the network has learnt. */
function freshModel() {
  const network = buildZooNetwork({ ...SHAPE, channels: 1 });
  const parameters = createParameters(network, createRandomSource(1));
  const preprocessing = { imageSize: 32, padding: 2, mean: [0.286], std: [0.353] };
  const metadata = { 'bitwright.preprocess': JSON.stringify(preprocessing) };
  const onnx = exportOnnx({ network, parameters }, { metadata });
  return { network, checkpoint: { onnx, digest: sha256Hex(onnx) }, preprocessing };
}

const model = freshModel();
const searches = await openLocalSearches({ workers, library: { list: async () => [], find: async () => model } });
const finishedAt: number[] = [];

/** The final fine-tuning and export that would follow are not part of an episode: the process ends before. */
function onProgress({ latest }: SearchProgress): void {
  if (latest?.role !== 'strategy') return;
  finishedAt[latest.index] ??= latest.finishedAt;
  const times = finishedAt.filter((time) => time > 0);
  if (times.length < WARM_UP + episodes) return;
  const seconds = ((times.at(-1) ?? 0) - (times[WARM_UP - 1] ?? 0)) / 1000;
  console.log(JSON.stringify({ episodes, seconds }));
  void searches[Symbol.asyncDispose]().then(() => process.exit(0));
}

await searches.run(
  {
    model: MODEL,
    dataset: { name: 'fashion-mnist' },
    hardware: [{ name: 'bismo-edge' }],
    budget: [{ metric: 'latency', limit: { kind: 'relative', ratio: 0.6 } }],
    strategy: { name: 'haq', options: { warmUp: 2 } },
    maxTrials: WARM_UP + episodes,
    trialFidelity: EPISODE,
    finalFidelity: EPISODE,
    finalists: 1,
    seed: 1,
  },
  onProgress,
);
