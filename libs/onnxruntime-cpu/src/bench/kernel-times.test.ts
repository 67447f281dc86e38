import { describe, expect, it } from 'vitest';
import { type ProfileEvent, readKernelTimes } from './kernel-times.js';

const kernel = (name: string, operator: string, dur: number): ProfileEvent => ({
  ...{ cat: 'Node', name: `${name}_kernel_time`, dur },
  args: { op_name: operator, node_index: '3' },
});

describe('kernel times', () => {
  it('leave out the first runs and average those of a sample, in milliseconds', () => {
    const events = [
      { cat: 'Session', name: 'model_run', dur: 9 },
      ...[500, 10, 20, 30, 50].map((dur) => kernel('layer', 'QLinearConv', dur)),
    ];
    const runs = { warmUpRuns: 1, samples: 2, runsPerSample: 2 };
    expect(readKernelTimes(events, runs)).toEqual([
      { node: 'layer', operator: 'QLinearConv', samplesMs: [0.015, 0.04] },
    ]);
  });

  it('are kept apart by node, and only kernels count', () => {
    const events = [
      kernel('a', 'Conv', 1),
      { cat: 'Node', name: 'a_fence_before', dur: 7, args: { op_name: 'Conv' } },
      kernel('b', 'Relu', 2),
    ];
    const times = readKernelTimes(events, { warmUpRuns: 0, samples: 1, runsPerSample: 1 });
    expect(times.map(({ node, samplesMs }) => [node, samplesMs])).toEqual([
      ['a', [0.001]],
      ['b', [0.002]],
    ]);
  });
});
