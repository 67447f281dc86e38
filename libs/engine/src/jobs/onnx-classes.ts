import type { Network, Preprocessing } from '@bitwright/core';
import { createInputs, type Samples } from '@bitwright/datasets';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { batchesOf } from '../samples/batches.js';

const BATCH = 100;

/** A file as it is checked: one thread, and kernels that do not saturate, as those of x86 without VNNI else do at 16 bits. */
export function openForChecking(onnx: Uint8Array): Promise<InferenceSession> {
  return InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { x64quantprecision: '1' } },
  });
}

/** The class that ONNX Runtime names for each sample, on one thread of the CPU; `pause` is awaited between batches. */
export async function classifyWithOnnxRuntime(
  onnx: Uint8Array,
  network: Network,
  samples: Samples,
  preprocessing: Preprocessing,
  pause: (done: number) => Promise<void>,
): Promise<Int32Array> {
  const session = await openForChecking(onnx);
  try {
    const classes = new Int32Array(samples.count);
    for (const { indices, start, end } of batchesOf(samples.count, BATCH)) {
      const input = toChannelsFirst(createInputs(samples, indices, preprocessing), indices.length, network);
      const outputs = await session.run({ [session.inputNames[0] as string]: input });
      const logits = outputs[session.outputNames[0] as string]?.data as Float32Array;
      for (let index = 0; index < indices.length; index += 1)
        classes[start + index] = topClass(logits, index, network.classes);
      await pause(end);
    }
    return classes;
  } finally {
    await session.release();
  }
}

function topClass(logits: Float32Array, index: number, classes: number): number {
  const row = logits.subarray(index * classes, (index + 1) * classes);
  return row.indexOf(Math.max(...row));
}

/** NHWC, as data sets give images, to NCHW, as ONNX takes them. */
function toChannelsFirst(values: Float32Array, count: number, { input }: Network): Tensor {
  const { height, width, channels } = input;
  const pixels = height * width;
  const planes = channels === 1 ? values : new Float32Array(values.length);
  if (channels > 1) {
    for (let image = 0; image < count; image += 1) {
      for (let pixel = 0; pixel < pixels; pixel += 1) {
        for (let channel = 0; channel < channels; channel += 1) {
          const from = (image * pixels + pixel) * channels + channel;
          planes[(image * channels + channel) * pixels + pixel] = values[from] as number;
        }
      }
    }
  }
  return new Tensor('float32', planes, [count, channels, height, width]);
}
