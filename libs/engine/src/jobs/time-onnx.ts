import { interquartileRange, medianOf, type Network } from '@bitwright/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';

export type OnnxTiming = {
  readonly name: string;
  /** Of one image, as is the spread: a batch's time over its images. */
  readonly medianMs: number;
  /** Interquartile range. */
  readonly spreadMs: number;
  /** How many times as fast as the first file: the median over blocks, each against the first file's block beside it. */
  readonly speedUp: number;
  /** Interquartile range over blocks. */
  readonly speedUpSpread: number;
};

export type TimingOptions = {
  readonly threads: number;
  /** Images of one run. */
  readonly batch: number;
  /** No other round begins after that long, but there is one. */
  readonly longestMs: number;
  /** Awaited between rounds. */
  readonly pause: (done: number, total: number) => Promise<void>;
};

/** Rounds in which every file has its block of runs, of which longer ones are fewer. */
const ROUNDS = 24;
const IMAGES = 10;
const FEWEST_RUNS = 2;
const WARM_UP = 3;

/**
 * How long an image takes in files of one network: they run in turn, so that what else the machine does is shared by all, each
 * several times in a row, as a device runs one network again and again: the first runs find another network's numbers in the
 * caches and do not count.
 */
export async function timeInTurn(
  files: ReadonlyMap<string, Uint8Array>,
  network: Network,
  { threads, batch, longestMs, pause }: TimingOptions,
): Promise<readonly OnnxTiming[]> {
  const options = { intraOpNumThreads: threads, logSeverityLevel: 3, freeDimensionOverrides: { batch } } as const;
  const sessions = new Map<string, InferenceSession>();
  const blocks = new Map([...files.keys()].map((name) => [name, [] as number[][]]));
  try {
    for (const [name, file] of files) sessions.set(name, await InferenceSession.create(file, options));
    const started = performance.now();
    const hasTime = (round: number) => round === 0 || performance.now() - started < longestMs;
    for (let round = 0; round < ROUNDS && hasTime(round); round += 1) {
      await pause(round, ROUNDS);
      for (const [name, session] of sessions) blocks.get(name)?.push(await timeBlock(session, network, batch));
    }
  } finally {
    for (const session of sessions.values()) await session.release();
  }
  return summarize(blocks);
}

function summarize(blocks: ReadonlyMap<string, number[][]>): readonly OnnxTiming[] {
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

async function timeBlock(session: InferenceSession, { input }: Network, batch: number): Promise<number[]> {
  const { height, width, channels } = input;
  const images = Float32Array.from({ length: batch * height * width * channels }, (_, index) => Math.sin(index));
  const runs = Math.max(FEWEST_RUNS, Math.round(IMAGES / batch));
  const times: number[] = [];
  for (let run = 0; run < WARM_UP + runs; run += 1) {
    const tensor = new Tensor('float32', images, [batch, channels, height, width]);
    const started = performance.now();
    await session.run({ [session.inputNames[0] as string]: tensor });
    if (run >= WARM_UP) times.push((performance.now() - started) / batch);
  }
  return times;
}
