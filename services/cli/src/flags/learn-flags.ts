import { DEFAULT_LEARNING_RATES } from '@bitwright/core';
import type { EVALUATOR_FLAGS } from './address-flags.js';
import { choice, type FlagValues, given, integer, numberAbove, numberWithin, text } from './flag.js';
import { MODEL_FLAGS } from './model-flags.js';
import { TARGET_SETTINGS } from './optional-target.js';
import { OWN_HARDWARE_FLAGS } from './own-hardware-flags.js';

/** What `learn` does unless it is told otherwise; docs/strategies/ddq.md says which were chosen by measurement. */
export const LEARN_DEFAULTS = {
  meanBits: 4,
  maximumBits: 6,
  minimumBits: 2,
  ...DEFAULT_LEARNING_RATES,
  calibrationSamples: 512,
  samples: 16_384,
  epochs: 2,
  learningRate: 0.005,
  batchSize: 64,
  distillation: 0,
  seed: 1,
} as const;

const standard = LEARN_DEFAULTS;

/** All that `learn` can be told. */
export const LEARN_FLAGS = {
  ...MODEL_FLAGS,
  dataset: text('NAME|PATH', 'images to train and measure on: a name (`bitwright datasets`), a folder or an .npz file'),
  'weight-bits': numberAbove(`mean bits of the weights that may be used (default ${standard.meanBits})`, 0, 8),
  'activation-bits': numberAbove(`mean bits of the activations (default ${standard.meanBits})`, 0, 8),
  hardware: text('NAME', 'a target whose costs are limited in place of mean bits (`bitwright hardware list`)'),
  ...OWN_HARDWARE_FLAGS,
  ...TARGET_SETTINGS,
  budget: text('LIMIT', 'latency or energy on that target, for example "latency<=0.5x" (of 8 bits) or "energy<=2mJ"'),
  'maximum-bits': integer(`bits that every tensor starts with (default ${standard.maximumBits})`, 1, 8),
  'minimum-bits': integer(`bits that every tensor keeps (default ${standard.minimumBits})`, 1, 8),
  'no-pin': given('learns the first and the last layer too, which stay at 8 bits otherwise'),
  'gate-order': choice(
    `how a bit is judged: 1, its gradient, as DDQ; 2, with curvature (default ${standard.gateOrder})`,
    ['1', '2'],
  ),
  'level-rate': numberAbove(`rate of the levels, in shares of a range (default ${standard.levelRate})`, 0, 1),
  correction: numberAbove(`how far levels go to the means of their values (default ${standard.correction})`, 0, 1),
  'gate-rate': numberAbove(
    `how far a bit's score may move in a hundredth of the training, of 1 (default ${standard.gateRate})`,
    0,
    1,
  ),
  samples: integer(`images to train on (default ${standard.samples})`, 1, 100_000_000),
  epochs: integer(`epochs of training (default ${standard.epochs})`, 1, 1000),
  'learning-rate': numberAbove(`of the weights, falling along a cosine (default ${standard.learningRate})`, 0, 10),
  distillation: numberWithin(
    `share of the float network's outputs in the targets; 0: the labels alone (default ${standard.distillation})`,
    0,
    1,
  ),
  'batch-size': integer(`images in a training step (default ${standard.batchSize})`, 1, 4096),
  seed: integer(`seed of everything random (default ${standard.seed})`, 0, 2 ** 31 - 1),
  out: text('FILE', 'where the quantized ONNX model goes, checked in ONNX Runtime'),
};

export type LearnFlags = FlagValues<typeof LEARN_FLAGS & typeof EVALUATOR_FLAGS>;
