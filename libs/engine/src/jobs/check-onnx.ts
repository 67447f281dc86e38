import type { Network, Preprocessing } from '@bitwright/core';
import type { Samples } from '@bitwright/datasets';
import type { JobContext } from '@bitwright/worker-pool';
import { classifyWithOnnxRuntime } from './onnx-classes.js';

/** A model file as ONNX Runtime executes it: shares of the samples, 0..1. */
export type OnnxCheck = {
  /** That it names as they are labelled. */
  readonly testAccuracy: number;
  /** That it names as the engine's simulation did. */
  readonly parity: number;
};

/** Executes the file on samples; `simulated` are the classes that the engine named, of as many samples or more. */
export async function checkOnnx(
  onnx: Uint8Array,
  { network, preprocessing }: { readonly network: Network; readonly preprocessing: Preprocessing },
  samples: Samples,
  simulated: Int32Array,
  context: JobContext,
): Promise<OnnxCheck> {
  const pause = async (done: number) => {
    context.onProgress({ phase: 'checking in ONNX Runtime', done, total: samples.count });
    await context.pause();
  };
  const classes = await classifyWithOnnxRuntime(onnx, network, samples, preprocessing, pause);
  const shareAs = (names: ArrayLike<number>) =>
    classes.filter((named, index) => named === names[index]).length / samples.count;
  return { testAccuracy: shareAs(samples.labels), parity: shareAs(simulated) };
}
