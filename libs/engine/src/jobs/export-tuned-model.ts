import type { Preprocessing } from '@bitwright/core';
import type { Dataset } from '@bitwright/datasets';
import { exportQdq, qdqOpset } from '@bitwright/onnx';
import type { JobContext } from '@bitwright/worker-pool';
import type { PolicyEvaluator } from '../evaluation/policy-evaluator.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { pointFiguresOf } from '../quantization/plan.js';
import { quantizeParameters } from '../quantization/quantize-parameters.js';
import { checkOnnx } from './check-onnx.js';
import type { TunedModel } from './checkpoint-file.js';
import type { ResultOf } from './job.js';
import { canFold, toLayerQuantization } from './layer-quantization.js';
import { runWork } from './run-work.js';

/**
 * Writes a fine-tuned network as ONNX with QDQ nodes and compares it on the whole test split: ONNX Runtime against
 * the engine's simulation.
 */
export async function exportTunedModel(
  { model, plan }: TunedModel,
  evaluator: PolicyEvaluator,
  { data, preprocessing }: { readonly data: Dataset; readonly preprocessing: Preprocessing },
  context: JobContext,
): Promise<ResultOf<'export'>> {
  const test = data.splits.test;
  const simulated = await runWork(evaluator.measure(model.parameters, plan, 'test', 0), context);
  const onnx = writeQuantizedModel({ model, plan }, preprocessing);
  const checked = await checkOnnx(onnx, { network: model.network, preprocessing }, test, simulated.classes, context);
  const points = pointFiguresOf(plan);
  const result = {
    opset: qdqOpset(),
    testAccuracy: checked.testAccuracy,
    simulatedAccuracy: simulated.accuracy,
    parity: checked.parity,
    ...(points && { points }),
  };
  return { kind: 'export', onnx, result };
}

/** Batch normalization is folded away, unless weights have codebooks: those would differ in each channel then. */
function writeQuantizedModel({ model, plan }: TunedModel, preprocessing: Preprocessing): Uint8Array {
  const folded = canFold(plan);
  const quantized = { network: model.network, parameters: quantizeParameters(model.parameters, plan) };
  const layers = toLayerQuantization(model, plan, folded);
  const metadata = { 'bitwright.preprocess': JSON.stringify(preprocessing) };
  return exportQdq(folded ? foldBatchNormalization(quantized) : quantized, layers, { metadata });
}
