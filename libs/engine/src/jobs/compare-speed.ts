import type { IntegerSpeed, Model } from '@bitwright/core';
import { exportOnnx } from '@bitwright/onnx';
import type { JobContext } from '@bitwright/worker-pool';
import { type OnnxTiming, timeInTurn } from './time-onnx.js';

/** Timing stops after that long. */
const LONGEST_TIMING_MS = 15_000;

/** A file for integer kernels against its network in float, in ONNX Runtime where this runs. */
export async function compareSpeed(model: Model, integersOnnx: Uint8Array, context: JobContext): Promise<IntegerSpeed> {
  const files = new Map([
    ['float', exportOnnx(model)],
    ['integers', integersOnnx],
  ]);
  const pause = async (done: number, total: number) => {
    context.onProgress({ phase: 'timing in ONNX Runtime', done, total });
    await context.pause();
  };
  const timings = await timeInTurn(files, model.network, { threads: 1, batch: 1, longestMs: LONGEST_TIMING_MS, pause });
  const [float, integers] = timings as [OnnxTiming, OnnxTiming];
  return { floatMs: float.medianMs, integersMs: integers.medianMs, timesAsFast: integers.speedUp };
}
