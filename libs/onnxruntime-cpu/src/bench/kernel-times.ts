import type { KernelTimes } from './job.js';

/** An entry of ONNX Runtime's profile: `dur` in microseconds, in the order in which kernels ran. */
export type ProfileEvent = {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly node_index?: string } | undefined;
};

/** How the runs of a profile were made; the first `warmUpRuns` do not count. */
export type ProfiledRuns = {
  readonly warmUpRuns: number;
  readonly samples: number;
  readonly runsPerSample: number;
};

const KERNEL = '_kernel_time';

/** Times of each kernel; a sample is the mean of its runs, since the profile counts whole microseconds. */
export function readKernelTimes(events: readonly ProfileEvent[], runs: ProfiledRuns): readonly KernelTimes[] {
  const nodes = new Map<string, { readonly operator: string; readonly microseconds: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith(KERNEL)) continue;
    const node = name.slice(0, -KERNEL.length);
    const key = `${node} ${args?.node_index ?? ''}`;
    const times = nodes.get(key) ?? { operator: args?.op_name ?? '', microseconds: [] };
    times.microseconds.push(dur);
    nodes.set(key, times);
  }
  return [...nodes].map(([key, { operator, microseconds }]) => ({
    node: key.slice(0, key.lastIndexOf(' ')),
    operator,
    samplesMs: meanOfRuns(microseconds, runs),
  }));
}

function meanOfRuns(microseconds: readonly number[], { warmUpRuns, samples, runsPerSample }: ProfiledRuns): number[] {
  return Array.from({ length: samples }, (_, sample) => {
    const start = warmUpRuns + sample * runsPerSample;
    const times = microseconds.slice(start, start + runsPerSample);
    return times.reduce((sum, time) => sum + time, 0) / times.length / 1000;
  });
}
