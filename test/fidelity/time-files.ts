import type { Network } from '@bitwright/core';
import { interquartileRange, medianOf } from '@bitwright/hardware-kit';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export type Timing = {
  readonly name: string;
  readonly medianMs: number;
  /** Interquartile range. */
  readonly spreadMs: number;
  /** How many times as fast as the first file: the median over blocks, each against the first file's block beside it. */
  readonly speedUp: number;
  /** Interquartile range over blocks. */
  readonly speedUpSpread: number;
};

const BLOCKS = 24;
const RUNS = 10;
const WARM_UP = 3;

/**
 * Runs the files in turn, so that what else the machine does is shared by all, each several times in a row, as a device runs
 * one network again and again: the first runs find another network's numbers in the caches and do not count.
 */
export async function timeInTurn(
  files: ReadonlyMap<string, Uint8Array>,
  network: Network,
  threads: number,
): Promise<Timing[]> {
  const options = { intraOpNumThreads: threads, logSeverityLevel: 3, freeDimensionOverrides: { batch: 1 } } as const;
  const sessions = new Map<string, InferenceSession>();
  for (const [name, file] of files) sessions.set(name, await InferenceSession.create(file, options));
  const blocks = new Map([...files.keys()].map((name) => [name, [] as number[][]]));
  for (let block = 0; block < BLOCKS; block += 1) {
    for (const [name, session] of sessions) blocks.get(name)?.push(await timeBlock(session, network));
  }
  for (const session of sessions.values()) await session.release();
  const first = [...blocks.values()][0]?.map(medianOf) ?? [];
  return [...blocks].map(([name, times]) => {
    const speedUps = times.map((block, index) => (first[index] as number) / medianOf(block));
    const all = times.flat();
    return {
      ...{ name, medianMs: medianOf(all), spreadMs: interquartileRange(all) },
      ...{ speedUp: medianOf(speedUps), speedUpSpread: interquartileRange(speedUps) },
    };
  });
}

/** A timing as two columns of a table. */
export const timingTexts = ({
  medianMs,
  spreadMs,
  speedUp,
  speedUpSpread,
}: Omit<Timing, 'name'>): readonly string[] => [
  `${medianMs.toFixed(3)} (${spreadMs.toFixed(3)})`,
  `${speedUp.toFixed(2)} x (${speedUpSpread.toFixed(2)})`,
];

async function timeBlock(session: InferenceSession, { input }: Network): Promise<number[]> {
  const { height, width, channels } = input;
  const image = Float32Array.from({ length: height * width * channels }, (_, index) => Math.sin(index));
  const times: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run += 1) {
    const tensor = new Tensor('float32', image, [1, channels, height, width]);
    const started = performance.now();
    await session.run({ [session.inputNames[0] as string]: tensor });
    if (run >= WARM_UP) times.push(performance.now() - started);
  }
  return times;
}
