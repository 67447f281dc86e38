import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { BenchJob, BenchResult } from './job.js';
import { type ProfileEvent, readKernelTimes } from './kernel-times.js';

const FEWEST_SAMPLES = 5;

/** Runs a model again and again; `pause` is awaited between samples and ends the work by throwing. */
export async function runBench(job: BenchJob, pause: () => Promise<void>): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bitwright-bench-'));
  try {
    const session = await createSession(job, folder);
    const samplesMs = await sample(session, job, pause);
    session.endProfiling();
    await session.release();
    const { runsPerSample, warmUpRuns } = job.settings;
    const runs = { warmUpRuns, runsPerSample, samples: samplesMs.length };
    return { samplesMs, kernels: job.kernels ? readKernelTimes(await readProfile(folder), runs) : [] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function createSession({ model, batch, settings, kernels }: BenchJob, folder: string): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    ...{ executionProviders: ['cpu'], executionMode: 'sequential', graphOptimizationLevel: 'all' },
    ...{ intraOpNumThreads: settings.threads, interOpNumThreads: 1, logSeverityLevel: 3 },
    freeDimensionOverrides: { batch },
    ...(kernels ? { enableProfiling: true, profileFilePrefix: join(folder, 'profile') } : {}),
  });
}

async function sample(
  session: InferenceSession,
  { batch, settings }: BenchJob,
  pause: () => Promise<void>,
): Promise<readonly number[]> {
  const feeds = randomFeeds(session, batch);
  for (let run = 0; run < settings.warmUpRuns; run += 1) await session.run(feeds);
  const samplesMs: number[] = [];
  const endsAt = performance.now() + settings.budgetMs;
  while (samplesMs.length < settings.samples) {
    await pause();
    if (samplesMs.length >= FEWEST_SAMPLES && performance.now() > endsAt) break;
    const startedAt = performance.now();
    for (let run = 0; run < settings.runsPerSample; run += 1) await session.run(feeds);
    samplesMs.push((performance.now() - startedAt) / settings.runsPerSample);
  }
  return samplesMs;
}

/** Values in ±1: kernels take as long for any that are neither denormal nor infinite. */
function randomFeeds(session: InferenceSession, batch: number): Record<string, Tensor> {
  const [input] = session.inputMetadata;
  if (input?.isTensor !== true) throw new Error('the model has no input tensor');
  const dims = [batch, ...input.shape.slice(1).map(Number)];
  const values = Float32Array.from(
    { length: dims.reduce((product, size) => product * size, 1) },
    () => 2 * Math.random() - 1,
  );
  return { [input.name]: new Tensor('float32', values, dims) };
}

async function readProfile(folder: string): Promise<readonly ProfileEvent[]> {
  const [name = ''] = await readdir(folder);
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}
