import {
  DEFAULT_POINTS,
  formatPointAllocation,
  MOST_POINTS,
  parseConstraint,
  parsePointAllocation,
  SPEC_LIMITS,
} from '@bitwright/core';
import { formatBits } from '../terminal/format.js';
import { readBits } from './bits.js';
import { choice, type FlagValues, integer, names, numberAbove, numberWithin, repeated, single, text } from './flag.js';
import { MODEL_FLAGS } from './model-flags.js';
import { MOST_BATCH } from './optional-target.js';
import { OWN_HARDWARE_FLAGS } from './own-hardware-flags.js';
import { perTarget } from './per-target.js';
import { SEARCH_DEFAULTS } from './search-defaults.js';

const MOST_SAMPLES = 100_000_000;

const { strategy, scheme, weightBits, activationBits, pin, maxTrials, finalists, seed } = SEARCH_DEFAULTS;
const { trialFidelity: trial, finalFidelity: final } = SEARCH_DEFAULTS;

const batch = integer("images in one batch (default: the target's own)", 1, MOST_BATCH);
const count = choice("layers that count in a network's total (default: the target's own)", [
  'all',
  'without-first-and-last',
]);

/** Which hardware, and how its figures count. */
export const HARDWARE_FLAGS = {
  hardware: text('NAME', 'the target, for example bismo-edge (`bitwright hardware list`)'),
  ...OWN_HARDWARE_FLAGS,
  batch,
  count,
};

/** The same for several targets at once. */
const SEARCH_HARDWARE_FLAGS = {
  hardware: names('NAME', 'a target, for example bismo-edge (`bitwright hardware list`), or several with commas'),
  ...OWN_HARDWARE_FLAGS,
  batch: perTarget(batch),
  count: perTarget(count),
};

/** All that a search can be told; a configuration file uses the same names. */
export const SEARCH_FLAGS = {
  ...MODEL_FLAGS,
  dataset: text('NAME|PATH', 'images to quantize for: a name (`bitwright datasets`), a folder or an .npz file'),
  ...SEARCH_HARDWARE_FLAGS,
  budget: repeated(
    'LIMIT',
    'what the policy may cost: "latency<=0.6x" (of 8 bit, on every target), "latency@bismo-edge<=12ms", "size<=1.5MB"',
    (value) => parseConstraint(value),
  ),
  strategy: text('NAME', `who proposes policies; \`bitwright strategies\` lists them (default ${strategy.name})`),
  'strategy-option': repeated(
    'KEY=VALUE',
    "a setting of the strategy's own; `bitwright strategies NAME` lists them",
    readOption,
  ),
  scheme: choice(`how weights are quantized (default ${scheme.weightQuantizer})`, ['linear', 'k-means', 'multipoint']),
  points: single(
    'LIMIT',
    `of multipoint, what decides how many each channel gets: "size<=1.5x", "size<=60kB", "relative-error<=0.02" (default ${formatPointAllocation(DEFAULT_POINTS)})`,
    (value) => parsePointAllocation(value),
  ),
  'maximum-points': integer(`of one channel (default ${DEFAULT_POINTS.maximumPoints})`, 1, MOST_POINTS),
  granularity: choice(`scales of the weights (default ${scheme.granularity})`, ['per-channel', 'per-tensor']),
  'weight-bits': single('BITS', `choices for weights: 1-8 or 2,4,8 (default ${formatBits(weightBits)})`, readBits),
  'activation-bits': single(
    'BITS',
    `choices for activations: 1-8, 2,4,8 or float (default ${formatBits(activationBits)})`,
    readBits,
  ),
  pin: choice(`layers kept at 8 bits (default ${pin})`, ['first-last', 'none']),
  trials: integer(`policies that the strategy may try (default ${maxTrials})`, 1, 10_000),
  'time-limit': single(
    'TIME',
    'for trying policies, for example 90s, 30m or 2h; the final fine-tuning comes on top (default: none)',
    readDuration,
  ),
  finalists: integer(`best policies that get the final fine-tuning (default ${finalists})`, 1, 20),
  seed: integer(`seed of everything random (default ${seed})`, 0, 2 ** 31 - 1),
  'calibration-samples': integer(`images to calibrate a policy on (default ${trial.calibrationSamples})`, 1, 1_000_000),
  'finetune-samples': integer(
    `images to fine-tune a trial on (default ${trial.finetuneSamples}; 0: no fine-tuning)`,
    0,
    MOST_SAMPLES,
  ),
  'finetune-epochs': numberAbove(`passes over them (default ${trial.finetuneEpochs})`, 0, 1000),
  'validation-samples': integer(
    `images to measure a trial on (default ${trial.validationSamples}; 0: all)`,
    0,
    MOST_SAMPLES,
  ),
  'learning-rate': numberAbove(`of the fine-tuning of a trial (default ${trial.learningRate})`, 0, 10),
  distillation: numberWithin(
    "share of the float network's outputs in the fine-tuning's targets (default 0: the labels alone)",
    0,
    1,
  ),
  'batch-size': integer(`images in a step of the fine-tuning (default ${trial.batchSize})`, 1, 4096),
  'final-calibration-samples': integer(
    `the same, for the final fine-tuning (default ${final.calibrationSamples})`,
    1,
    1_000_000,
  ),
  'final-finetune-samples': integer(
    `images of the final fine-tuning (default ${final.finetuneSamples})`,
    0,
    MOST_SAMPLES,
  ),
  'final-finetune-epochs': numberAbove(`passes over them (default ${final.finetuneEpochs})`, 0, 1000),
  'final-validation-samples': integer(
    `test images for the final figures (default ${final.validationSamples}; 0: all)`,
    0,
    MOST_SAMPLES,
  ),
  'final-learning-rate': numberAbove(`of the final fine-tuning (default ${final.learningRate})`, 0, 10),
  'final-distillation': numberWithin('the same, for the final fine-tuning (default 0)', 0, 1),
  'final-batch-size': integer(`images in a step of the final fine-tuning (default ${final.batchSize})`, 1, 4096),
};

export type SearchFlags = FlagValues<typeof SEARCH_FLAGS>;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** In whole seconds. */
function readDuration(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([smh])$/.exec(text.trim()) ?? [];
  const seconds = Math.round(Number(amount) * (SECONDS[unit] ?? 0));
  if (seconds > 0 && seconds <= SPEC_LIMITS.timeLimitSeconds) return seconds;
  throw new Error(`is "${text}"; write a time above 0 and up to 720h, for example 90s, 30m or 2h`);
}

/** `noise=0.4`: numbers, booleans and JSON are read as such, all else is text. */
function readOption(value: string): readonly [string, unknown] {
  const [name = '', ...rest] = value.split('=');
  if (name.trim() === '' || rest.length === 0) throw new Error(`is "${value}"; write key=value`);
  const content = rest.join('=');
  try {
    return [name.trim(), JSON.parse(content)];
  } catch {
    return [name.trim(), content];
  }
}
