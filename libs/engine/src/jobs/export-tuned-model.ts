import { deriveSeed, type Model, type Preprocessing } from '@bitwright/core';
import type { Dataset } from '@bitwright/datasets';
import { estimateThresholds } from '@bitwright/hago';
import { exportIntegerGraph, exportQdq, INTEGER_OPSET, type LayerQuantization, qdqOpset } from '@bitwright/onnx';
import type { JobContext } from '@bitwright/worker-pool';
import type { PolicyEvaluator } from '../evaluation/policy-evaluator.js';
import { collectStatistics } from '../integer/collect-statistics.js';
import { multiplyIntegers, runInIntegers, tunedIntegers } from '../integer/tuned-integers.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { pointFiguresOf } from '../quantization/plan.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { chooseSamples } from '../samples/choose-samples.js';
import { checkOnnx } from './check-onnx.js';
import type { TunedModel } from './checkpoint-file.js';
import { compareSpeed } from './compare-speed.js';
import type { ResultOf, WrittenIntegers } from './job.js';
import { canFold, toLayerQuantization } from './layer-quantization.js';
import { metadataOf } from './preprocessing-metadata.js';
import { runWork } from './run-work.js';

/** Training samples from which tensors that no single layer quantizes get their range. */
const RANGE_SAMPLES = 128;

/** A fine-tuned network as it is written: its parameters on their grids, and how each layer is quantized. */
type QuantizedModel = { readonly model: Model; readonly layers: readonly LayerQuantization[] };

type Task = { readonly data: Dataset; readonly preprocessing: Preprocessing };

/**
 * Writes a fine-tuned network as ONNX with QDQ nodes, and once more for integer kernels where there are such for all its
 * layers; layers with points keep float sums of integer products. Compares both on the whole test split, ONNX Runtime against
 * the engine's simulation, and the second with float in speed.
 */
export async function exportTunedModel(
  tuned: TunedModel,
  evaluator: PolicyEvaluator,
  task: Task,
  context: JobContext,
): Promise<ResultOf<'export'>> {
  const { plan } = tuned;
  const { data, preprocessing } = task;
  const simulated = await runWork(evaluator.measure(tuned.model.parameters, plan, 'test', 0), context);
  const quantized = quantizeModel(tuned);
  const check = (onnx: Uint8Array) =>
    checkOnnx(onnx, { network: tuned.model.network, preprocessing }, data.splits.test, simulated.classes, context);
  const onnx = exportQdq(quantized.model, quantized.layers, { metadata: metadataOf(preprocessing) });
  const checked = await check(onnx);
  const points = pointFiguresOf(plan);
  const result = { ...checked, opset: qdqOpset(), simulatedAccuracy: simulated.accuracy, ...(points && { points }) };
  return { kind: 'export', onnx, result, integers: await writeIntegers(quantized, task, check, context) };
}

/** Batch normalization is folded away, unless weights have codebooks: those would differ in each channel then. */
function quantizeModel({ model, plan }: TunedModel): QuantizedModel {
  const folded = canFold(plan);
  const quantized = { network: model.network, parameters: quantizeParameters(model.parameters, plan) };
  return {
    model: folded ? foldBatchNormalization(quantized) : quantized,
    layers: toLayerQuantization(model, plan, folded),
  };
}

async function writeIntegers(
  quantized: QuantizedModel,
  task: Task,
  check: (onnx: Uint8Array) => ReturnType<typeof checkOnnx>,
  context: JobContext,
): Promise<WrittenIntegers | undefined> {
  const written = await writeIntegerFile(quantized, task, context);
  if (written === undefined) return undefined;
  const { onnx, opset } = written;
  const checked = await check(onnx);
  return { onnx, result: { ...checked, opset, speed: await compareSpeed(quantized.model, onnx, context) } };
}

async function writeIntegerFile(quantized: QuantizedModel, task: Task, context: JobContext) {
  const { model, layers } = quantized;
  const metadata = metadataOf(task.preprocessing);
  if (runInIntegers(layers)) {
    const graph = await integersOf(quantized, task, context);
    return { onnx: exportIntegerGraph(graph, model.parameters, { metadata }), opset: INTEGER_OPSET };
  }
  if (!multiplyIntegers(layers)) return undefined;
  return { onnx: exportQdq(model, layers, { metadata, integerProducts: true }), opset: qdqOpset() };
}

async function integersOf({ model, layers }: QuantizedModel, { data, preprocessing }: Task, context: JobContext) {
  const samples = chooseSamples(data.splits.training, RANGE_SAMPLES, deriveSeed(0, 'ranges'));
  const statistics = await runWork(collectStatistics(model, samples, preprocessing), context);
  return tunedIntegers(model, layers, estimateThresholds(statistics, { kind: 'average-range' }, false));
}
