import type { Model, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import { addMagnitudes, MAGNITUDE_BINS, raiseMaximums, rangeOf, type TensorStatistics } from '@bitwright/hago';
import { createSession, GraphBuilder } from '@bitwright/tensor';
import { emitInference } from '../network/emit-inference.js';
import { createBatchReader } from '../samples/batch-reader.js';
import { batchesOf } from '../samples/batches.js';
import type { Work } from '../work.js';

/** Images of one batch: ranges are averaged over batches. */
const BATCH = 32;

type Collected = {
  readonly minimums: number[];
  readonly maximums: number[];
  readonly counts: Float64Array;
  readonly channelMaximums: Float32Array;
};

/**
 * What every node of a folded network gives on some samples: ranges by batch, then histograms of |x| up to the largest of
 * them. Goes twice over the samples.
 */
export function* collectStatistics(
  model: Model,
  samples: Samples,
  preprocessing: Preprocessing,
): Work<ReadonlyMap<string, TensorStatistics>> {
  using reader = createTensorReader(model, preprocessing);
  const collected = new Map(
    model.network.nodes.map(({ id, output }): [string, Collected] => [id, emptyStatistics(output.channels)]),
  );
  const total = 2 * samples.count;
  for (const { indices, end } of batchesOf(samples.count, BATCH)) {
    for (const [name, values] of reader.read(samples, indices)) {
      const { minimum, maximum } = rangeOf(values);
      const { minimums, maximums, channelMaximums } = collected.get(name) as Collected;
      minimums.push(minimum);
      maximums.push(maximum);
      raiseMaximums(channelMaximums, values);
    }
    yield { phase: 'calibrating', done: end, total };
  }
  for (const { indices, end } of batchesOf(samples.count, BATCH)) {
    for (const [name, values] of reader.read(samples, indices)) {
      const { counts, minimums, maximums } = collected.get(name) as Collected;
      addMagnitudes({ counts, maximum: largest(minimums, maximums) }, values);
    }
    yield { phase: 'calibrating', done: samples.count + end, total };
  }
  return new Map([...collected].map(([name, tensor]) => [name, toStatistics(tensor)]));
}

const emptyStatistics = (channels: number): Collected => ({
  ...{ minimums: [], maximums: [], counts: new Float64Array(MAGNITUDE_BINS) },
  channelMaximums: new Float32Array(channels),
});

const largest = (minimums: readonly number[], maximums: readonly number[]) =>
  Math.max(...minimums.map(Math.abs), ...maximums.map(Math.abs));

function toStatistics({ minimums, maximums, counts, channelMaximums }: Collected): TensorStatistics {
  const histogram = { counts, maximum: largest(minimums, maximums) };
  return { minimums, maximums, histogram, channelMaximums };
}

function createTensorReader({ network, parameters }: Model, preprocessing: Preprocessing) {
  const graph = new GraphBuilder();
  const { variables, input, emitted } = emitInference(graph, network, preprocessing, { kind: 'frozen' });
  const names = [...emitted.outputs.keys()];
  const session = createSession(graph);
  variables.store(session, parameters);
  const read = createBatchReader(session, input, [...emitted.outputs.values()], preprocessing);
  return {
    read: (samples: Samples, indices: Uint32Array): readonly (readonly [string, Float32Array])[] => {
      const values = read(samples, indices);
      return names.map((name, index) => [name, values[index] as Float32Array] as const);
    },
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}
