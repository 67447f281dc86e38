import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorflowBinding } from './binding.js';
import { DATA_TYPE_CODES, type DataType, dataTypeOfCode, type TensorValues } from './data-type.js';
import type { GraphBuilder, GraphTensor } from './graph.js';
import { ProtobufWriter } from './protobuf.js';

/** Something to give to a run. Values are row-major. */
export type Feed = { readonly target: GraphTensor; readonly values: TensorValues };

/** What a run gave for one fetched tensor. */
export type Fetched = { readonly shape: readonly number[]; readonly dtype: DataType; readonly values: TensorValues };

/** A graph loaded into TensorFlow, with the values of its variables. Dispose it to free them. */
export interface Session extends Disposable {
  /** Runs what the fetched tensors need and copies their values out. */
  run(feeds: readonly Feed[], fetches: readonly GraphTensor[]): readonly Fetched[];
}

/** Loads a graph. The way goes through a SavedModel folder, which is deleted again. */
export function createSession(graph: GraphBuilder): Session {
  const binding = tensorflowBinding();
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-graph-'));
  let id: number;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'saved_model.pb'), toSavedModel(graph.finish()));
    id = binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    run: (feeds, fetches) => runSession(id, feeds, fetches),
    [Symbol.dispose]: () => binding.deleteSavedModel(id),
  };
}

function runSession(session: number, feeds: readonly Feed[], fetches: readonly GraphTensor[]): readonly Fetched[] {
  const binding = tensorflowBinding();
  const inputs = feeds.map(({ target, values }) =>
    binding.createTensor(target.shape, DATA_TYPE_CODES[target.dtype], values),
  );
  try {
    const outputs = binding.runSavedModel(
      session,
      inputs,
      toNames(feeds.map(({ target }) => target)),
      toNames(fetches),
    );
    return outputs.map(({ id, shape, dtype }) => {
      const values = binding.tensorDataSync(id);
      binding.deleteTensor(id);
      return { shape, dtype: dataTypeOfCode(dtype), values };
    });
  } finally {
    for (const input of inputs) binding.deleteTensor(input);
  }
}

const toNames = (tensors: readonly GraphTensor[]) => tensors.map(({ node, index }) => `${node}:${index}`).join(',');

/** A SavedModel that holds only the graph: no variables on disk, no signatures. */
function toSavedModel(graphDef: Uint8Array): Uint8Array {
  const writer = new ProtobufWriter().integer(1, 1);
  writer.message(2, (metaGraph) => metaGraph.message(1, (info) => info.text(4, 'serve')).bytes(2, graphDef));
  return writer.finish();
}
