import type { Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import type { GraphTensor, Session } from '@bitwright/tensor';
import { composeBatch } from './batch-composer.js';
import type { EmittedInput } from './emit-input.js';

/** What a compiled graph gives for a batch: the float tensors that it was made for, in their order. */
export type BatchReader = (samples: Samples, indices: Uint32Array) => readonly Float32Array[];

/** Reads `fetches` for batches of images. */
export function createBatchReader(
  session: Session,
  input: EmittedInput,
  fetches: readonly GraphTensor[],
  preprocessing: Preprocessing,
): BatchReader {
  return (samples, indices) => {
    const { images } = composeBatch(samples, indices, preprocessing);
    return session.run([input.feed(images)], fetches).map(({ values }) => values as Float32Array);
  };
}
