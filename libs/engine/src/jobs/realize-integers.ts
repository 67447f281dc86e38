import { deriveLayers, invalidField } from '@bitwright/core';
import { selectSamples } from '@bitwright/datasets';
import {
  findHardwarePreset,
  formatStrategyRecord,
  type HardwareSpecification,
  type IntegerGraph,
  parseHardwareSpecification,
  parseStrategyLog,
  parseThresholdMethod,
  type StrategyRecord,
} from '@bitwright/hago';
import { exportIntegerGraph, INTEGER_OPSET } from '@bitwright/onnx';
import type { JobContext } from '@bitwright/worker-pool';
import { createIntegerEvaluator, floatGraph } from '../integer/integer-evaluator.js';
import {
  bestStrategy,
  type IntegerTask,
  integerTask,
  replayStrategy,
  searchEdgeBits,
} from '../integer/search-edge-bits.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { checkOnnx } from './check-onnx.js';
import { compareSpeed } from './compare-speed.js';
import type { IntegerWork, ResultOf } from './job.js';
import { metadataOf } from './preprocessing-metadata.js';
import { runWork } from './run-work.js';
import type { Workbench } from './workbench.js';

/** Samples that are checked in ONNX Runtime where every step is written out, which takes some 10 ms an image. */
const CHECKED_STEP_BY_STEP = 1000;

/**
 * Searches (or replays) a strategy, writes the integer graph as ONNX, and compares it with the simulation on the test split; with the
 * float network in speed.
 */
export async function realizeIntegers(
  bench: Workbench,
  work: IntegerWork,
  context: JobContext,
): Promise<ResultOf<'realize-integers'>> {
  const started = performance.now();
  const task = openTask(bench, work);
  const { graph, best, records } = await findStrategy(task, bench, work, context);
  const metadata = {
    ...metadataOf(bench.preprocessing),
    'bitwright.strategy': formatStrategyRecord(best),
  };
  const onnx = exportIntegerGraph(graph, task.model.parameters, { metadata });
  const measured = await measureRealized(task, graph, onnx, bench, context);
  const bits = task.space.map(({ name }, index) => ({ variable: name, bits: best.strategy.bits[index] as number }));
  const speed = graph.requantization === 'kernel' ? await compareSpeed(task.model, onnx, context) : undefined;
  const seconds = (performance.now() - started) / 1000;
  const result = { ...measured, opset: INTEGER_OPSET, trials: records.length, bits, seconds, ...(speed && { speed }) };
  return { kind: 'realize-integers', onnx, log: `${records.map(formatStrategyRecord).join('\n')}\n`, result };
}

function openTask({ model }: Workbench, { specification, floatLayers }: IntegerWork): IntegerTask {
  const folded = foldBatchNormalization(model);
  const { length } = deriveLayers(folded.network);
  if (floatLayers >= length) {
    throw invalidField('request.float_layers', `is ${floatLayers}; the network has ${length} layers`, 'OUT_OF_RANGE');
  }
  return integerTask(folded, readSpecification(specification), floatLayers);
}

function readSpecification(text: string): HardwareSpecification {
  const isName = /^[\w.-]*$/.test(text);
  return isName ? findHardwarePreset(text) : parseHardwareSpecification(text, 'request.specification');
}

type Found = {
  readonly graph: IntegerGraph;
  readonly best: StrategyRecord;
  readonly records: readonly StrategyRecord[];
};

async function findStrategy(
  task: IntegerTask,
  { data, preprocessing }: Workbench,
  work: IntegerWork,
  context: JobContext,
): Promise<Found> {
  if (work.replay !== undefined) return replayLog(task, work);
  const options = {
    ...work,
    specification: task.topology.specification,
    thresholds: parseThresholdMethod(work.thresholds, 'request.thresholds'),
  };
  return runWork(searchEdgeBits(task, data, preprocessing, options), context);
}

/** The strategy of a log that a search with the same objective, latency included, ends with. */
function replayLog(task: IntegerTask, work: IntegerWork): Found {
  const best = bestStrategy(task, parseStrategyLog(work.replay ?? '', 'request.replay'), work);
  return { graph: replayStrategy(task, best.strategy), best, records: [best] };
}

async function measureRealized(
  { model }: IntegerTask,
  graph: IntegerGraph,
  onnx: Uint8Array,
  { data, preprocessing }: Workbench,
  context: JobContext,
) {
  const { test } = data.splits;
  using evaluator = createIntegerEvaluator(model, preprocessing);
  const float = await runWork(evaluator.measure(floatGraph(model), test), context);
  const simulated = await runWork(evaluator.measure(graph, test), context);
  const checkedSamples = graph.requantization === 'kernel' ? test.count : Math.min(test.count, CHECKED_STEP_BY_STEP);
  const checked = selectSamples(
    test,
    Uint32Array.from({ length: checkedSamples }, (_, index) => index),
  );
  const target = { network: model.network, preprocessing };
  const found = await checkOnnx(onnx, target, checked, simulated.classes, context);
  return { floatAccuracy: float.accuracy, simulatedAccuracy: simulated.accuracy, ...found, checkedSamples };
}
