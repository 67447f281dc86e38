import type { EVALUATOR_FLAGS } from './address-flags.js';
import { choice, type FlagValues, given, integer, numberAbove, single, text } from './flag.js';
import { MODEL_FLAGS } from './model-flags.js';
import { TARGET_SETTINGS } from './optional-target.js';
import { OWN_HARDWARE_FLAGS } from './own-hardware-flags.js';

/** What `realize` does unless it is told otherwise. */
export const REALIZE_DEFAULTS = {
  specification: 'onnxruntime-cpu',
  search: 'greedy',
  objective: 'accuracy',
  thresholds: 'average-range',
  start: 'fitting',
  calibrationSamples: 128,
  scoredSamples: 500,
  maxTrials: 1000,
  seed: 0,
  latencyWeight: 0.05,
} as const;

const standard = REALIZE_DEFAULTS;

/** All that `realize` can be told. */
export const REALIZE_FLAGS = {
  ...MODEL_FLAGS,
  dataset: text(
    'NAME|PATH',
    'images to calibrate and measure on: a name (`bitwright datasets`), a folder or an .npz file',
  ),
  specification: text(
    'NAME|FILE',
    `what the hardware can run: onnxruntime-cpu, int8-accelerator, int8-accelerator-int16, or a .yaml (default ${standard.specification})`,
  ),
  search: choice(`how bits are searched (default ${standard.search})`, [
    'default',
    'greedy',
    'batched-greedy',
    'random',
    'annealing',
  ]),
  objective: choice(`what it maximizes: accuracy, or nearness to the float outputs (default ${standard.objective})`, [
    'accuracy',
    'divergence',
  ]),
  thresholds: text(
    'METHOD',
    `average-range, kullback-leibler or quantile:Q, for example quantile:0.999 (default ${standard.thresholds})`,
  ),
  'power-of-two': given('rounds thresholds up to powers of two'),
  start: choice(
    `where a search begins: bits whose sums fit their accumulators, or the most (default ${standard.start})`,
    ['fitting', 'highest'],
  ),
  'calibration-samples': integer(`images for the thresholds (default ${standard.calibrationSamples})`, 1, 1_000_000),
  'scored-samples': integer(
    `images to measure each trial on (default ${standard.scoredSamples}; 0: all)`,
    0,
    1_000_000,
  ),
  trials: integer(`assignments that may be tried (default ${standard.maxTrials})`, 1, 100_000),
  seed: integer(`seed of everything random (default ${standard.seed})`, 0, 2 ** 31 - 1),
  'float-layers': single(
    'N|auto',
    'layers from the input on that stay float; auto: as many as --hardware is fastest with (default 0)',
    readFloatLayers,
  ),
  hardware: text('NAME', 'a target whose latency goes into the objective (`bitwright hardware list`)'),
  ...OWN_HARDWARE_FLAGS,
  ...TARGET_SETTINGS,
  'latency-weight': numberAbove(`what all of that latency is worth (default ${standard.latencyWeight})`, 0, 1_000),
  replay: text('FILE', 'a log of an earlier search whose best strategy is realized, without a search'),
  out: text('FILE', 'where the ONNX model goes'),
  log: text('FILE', 'where the log goes: JSON lines, one for each trial, written when it is measured'),
};

function readFloatLayers(value: string): number | 'auto' {
  const count = Number(value);
  if (value === 'auto' || (value.trim() !== '' && Number.isInteger(count) && count >= 0)) {
    return value === 'auto' ? 'auto' : count;
  }
  throw new Error(`is "${value}"; use a whole number from 0, or auto`);
}

export type RealizeFlags = FlagValues<typeof REALIZE_FLAGS & typeof EVALUATOR_FLAGS>;
