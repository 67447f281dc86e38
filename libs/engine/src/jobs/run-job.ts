import { readFile } from 'node:fs/promises';
import type { EvaluationResult, Split } from '@bitwright/core';
import { describeDataset } from '@bitwright/datasets';
import { importOnnx } from '@bitwright/onnx';
import type { JobContext } from '@bitwright/worker-pool';
import type { EvaluationOutcome } from '../evaluation/policy-evaluator.js';
import { layerPointsOf } from '../quantization/plan.js';
import { measureSensitivity } from '../sensitivity/measure-sensitivity.js';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.js';
import { exportTunedModel } from './export-tuned-model.js';
import type { Job, JobResult, ResultOf } from './job.js';
import { learnPrecision } from './learn-precision.js';
import { preprocessingOf } from './preprocessing-metadata.js';
import { realizeIntegers } from './realize-integers.js';
import { runWork } from './run-work.js';
import { createWorkbenches, type Workbenches } from './workbench.js';

/** Runs jobs in this process, one after the other, and keeps between them what later ones can use. */
export function createJobRunner(): (job: Job, context: JobContext) => Promise<JobResult> {
  const benches = createWorkbenches();
  return async (job, context) => {
    switch (job.kind) {
      case 'describe-model':
        return describeModel(job);
      case 'describe-dataset':
        return { kind: 'describe-dataset', dataset: describeDataset(await benches.dataset(job)) };
      case 'evaluate':
        return evaluate(benches, job, context);
      case 'realize-integers':
        return realizeIntegers(await benches.open(job), job, context);
      case 'learn-precision':
        return learnPrecision(await benches.open(job), job.learning, context);
      case 'sensitivity':
        return sensitivity(benches, job, context);
      case 'finetune':
        return finetune(benches, job, context);
      case 'export':
        return exportModel(benches, job, context);
    }
  };
}

type JobOf<Kind extends Job['kind']> = Extract<Job, { readonly kind: Kind }>;

async function describeModel({ modelPath }: JobOf<'describe-model'>): Promise<ResultOf<'describe-model'>> {
  const { model, metadata } = importOnnx(await readFile(modelPath));
  return { kind: 'describe-model', network: model.network, preprocessing: preprocessingOf(metadata) };
}

async function evaluate(
  benches: Workbenches,
  job: JobOf<'evaluate'>,
  context: JobContext,
): Promise<ResultOf<'evaluate'>> {
  const { evaluator } = await benches.open(job);
  const started = performance.now();
  const outcome = await runWork(evaluator.evaluate(job), context);
  return { kind: 'evaluate', result: toResult(outcome, job.split, started) };
}

async function sensitivity(
  benches: Workbenches,
  job: JobOf<'sensitivity'>,
  context: JobContext,
): Promise<ResultOf<'sensitivity'>> {
  const bench = await benches.open(job);
  const started = performance.now();
  const measured = await runWork(measureSensitivity(bench, job), context);
  return { kind: 'sensitivity', report: { ...measured, seconds: (performance.now() - started) / 1000 } };
}

async function finetune(
  benches: Workbenches,
  job: JobOf<'finetune'>,
  context: JobContext,
): Promise<ResultOf<'finetune'>> {
  const { evaluator, model, data } = await benches.open(job);
  const started = performance.now();
  const outcome = await runWork(evaluator.evaluate(job), context);
  const { parameters, plan = [] } = outcome;
  const result = toResult(outcome, job.split, started);
  const measured = await runWork(evaluator.measure(parameters, plan, 'validation', 0), context);
  const samples = data.splits.validation.count;
  const validation = toResult({ ...measured, samples, plan }, 'validation', started);
  const checkpoint = writeCheckpointFile({ model: { network: model.network, parameters }, plan });
  return { kind: 'finetune', result: { ...result, seconds: validation.seconds }, validation, checkpoint };
}

async function exportModel(
  benches: Workbenches,
  job: JobOf<'export'>,
  context: JobContext,
): Promise<ResultOf<'export'>> {
  const bench = await benches.open(job);
  const tuned = readCheckpointFile(await readFile(job.checkpointPath));
  return exportTunedModel(tuned, bench.evaluator, bench, context);
}

function toResult(
  { accuracy, loss, calibratedLoss, samples, plan }: Omit<EvaluationOutcome, 'classes' | 'parameters'>,
  split: Split,
  startedMs: number,
): EvaluationResult {
  const layerPoints = plan && layerPointsOf(plan);
  const seconds = (performance.now() - startedMs) / 1000;
  return { accuracy, loss, calibratedLoss, split, samples, seconds, ...(layerPoints && { layerPoints }) };
}
