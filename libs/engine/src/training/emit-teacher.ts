import type { Model } from '@bitwright/core';
import type { GraphBuilder, GraphTensor, Session } from '@bitwright/tensor';
import { emitNetwork } from '../network/emit-network.js';
import { foldBatchNormalization } from '../network/fold-batch-normalization.js';
import { declareVariables } from '../network/network-variables.js';

/** What a trained float network makes of the images that another one trains on. */
export type EmittedTeacher = {
  /** `[N, classes]`. */
  readonly logits: GraphTensor;
  /** Copies its parameters into the session, once. */
  readonly store: (session: Session) => void;
};

/** Emits the network as it is at inference, batch normalization folded, reading the same normalized images (NHWC). */
export function emitTeacher(graph: GraphBuilder, model: Model, images: GraphTensor): EmittedTeacher {
  const { network, parameters } = foldBatchNormalization(model);
  const { parameter, store } = declareVariables(graph, network);
  const { logits } = emitNetwork(graph, network, images, { parameter, batchNormalization: { kind: 'frozen' } });
  return { logits, store: (session) => store(session, parameters) };
}
