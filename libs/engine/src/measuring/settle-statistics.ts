import type { Model, NetworkNode, Parameters, ParameterTensor, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { createSession, GraphBuilder, type GraphTensor } from '@bitwright/tensor';
import { emitInference } from '../network/emit-inference.js';
import { batchStatistics } from '../operations/batch-normalization.js';
import { createBatchReader } from '../samples/batch-reader.js';
import type { Work } from '../work.js';
import { averageOverBatches } from './statistics-estimator.js';

/**
 * The same function with the statistics that these samples have: scale and shift of each batch normalization make up for
 * the difference. A network's running statistics are of its training, often of moved and mirrored images: without this,
 * estimating them anew would change the function before anything is quantized (docs/measurements.md).
 */
export function* settleStatistics(
  model: Model,
  preprocessing: Preprocessing,
  samples: Samples,
  batchSize: number,
): Work<Parameters> {
  const nodes = model.network.nodes.filter(({ operation }) => operation.kind === 'batch-normalization');
  if (nodes.length === 0) return model.parameters;
  using reader = createStatisticsReader(model, nodes, preprocessing);
  const averages = yield* averageOverBatches(samples, batchSize, reader.read);
  const settled = nodes.flatMap((node, index) => {
    const [mean, variance] = averages.slice(2 * index, 2 * index + 2) as [Float32Array, Float32Array];
    return settle(model.parameters, node, mean, variance);
  });
  return new Map([...model.parameters, ...settled]);
}

/** The running statistics after a batch are the batch's. */
const REPLACED = { epsilon: 0, momentum: 1 };

/** Reads mean and variance of what each normalization gets while the network computes with its running statistics. */
function createStatisticsReader(model: Model, nodes: readonly NetworkNode[], preprocessing: Preprocessing) {
  const graph = new GraphBuilder();
  const { variables, input, emitted } = emitInference(graph, model.network, preprocessing, { kind: 'frozen' });
  const fetches = nodes.flatMap(({ id, inputs }) => {
    const tensor = emitted.outputs.get(inputs[0] as string) as GraphTensor;
    const running = { mean: variables.parameter(`${id}.mean`), variance: variables.parameter(`${id}.variance`) };
    const { mean, variance } = batchStatistics(graph, tensor, running, REPLACED);
    return [mean, variance];
  });
  const session = createSession(graph);
  variables.store(session, model.parameters);
  return {
    read: createBatchReader(session, input, fetches, preprocessing),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}

/** With s = sqrt(variance + epsilon), old and new: scale' = scale s' / s, shift' = shift + scale (mean' - mean) / s. */
function settle(
  parameters: Parameters,
  { id, operation }: NetworkNode,
  mean: Float32Array,
  variance: Float32Array,
): readonly [string, ParameterTensor][] {
  const epsilon = operation.kind === 'batch-normalization' ? operation.epsilon : 0;
  const of = (role: string) => (parameters.get(`${id}.${role}`) as ParameterTensor).values;
  const [scale, shift, oldMean, oldVariance] = [of('scale'), of('shift'), of('mean'), of('variance')];
  const deviation = (values: Float32Array, channel: number) => Math.sqrt((values[channel] as number) + epsilon);
  const newScale = scale.map(
    (value, channel) => (value * deviation(variance, channel)) / deviation(oldVariance, channel),
  );
  const newShift = shift.map((value, channel) => {
    const distance = (mean[channel] as number) - (oldMean[channel] as number);
    return value + ((scale[channel] as number) * distance) / deviation(oldVariance, channel);
  });
  const shape = [scale.length];
  return Object.entries({ scale: newScale, shift: newShift, mean, variance }).map(([role, values]) => [
    `${id}.${role}`,
    { shape, values },
  ]);
}
