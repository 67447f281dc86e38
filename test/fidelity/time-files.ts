import type { Network } from '@bitwright/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';

type Timing = { readonly name: string; readonly medianMs: number; readonly spreadMs: number };

const BLOCKS = 8;
const RUNS = 20;
const WARM_UP = 5;

/**
 * Runs the files in turn, so that what else the machine does is shared by all, each several times in a row, as a device runs
 * one network again and again: the first runs find another network's numbers in the caches and do not count. Medians and
 * interquartile ranges.
 */
export async function timeInTurn(
  files: ReadonlyMap<string, Uint8Array>,
  network: Network,
  threads: number,
): Promise<Timing[]> {
  const { height, width, channels } = network.input;
  const image = Float32Array.from({ length: height * width * channels }, (_, index) => Math.sin(index));
  const options = { intraOpNumThreads: threads, logSeverityLevel: 3, freeDimensionOverrides: { batch: 1 } } as const;
  const sessions = new Map<string, InferenceSession>();
  for (const [name, file] of files) sessions.set(name, await InferenceSession.create(file, options));
  const samples = new Map([...files.keys()].map((name) => [name, [] as number[]]));
  const time = async (session: InferenceSession) => {
    const input = new Tensor('float32', image, [1, channels, height, width]);
    const started = performance.now();
    await session.run({ [session.inputNames[0] as string]: input });
    return performance.now() - started;
  };
  for (let block = 0; block < BLOCKS; block += 1) {
    for (const [name, session] of sessions) {
      for (let run = 0; run < WARM_UP + RUNS; run += 1) {
        const milliseconds = await time(session);
        if (run >= WARM_UP) samples.get(name)?.push(milliseconds);
      }
    }
  }
  for (const session of sessions.values()) await session.release();
  return [...samples].map(([name, times]) => {
    const sorted = times.sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
    return { name, medianMs: at(0.5), spreadMs: at(0.75) - at(0.25) };
  });
}
