import {
  deriveSeed,
  type Fidelity,
  type Layer,
  type Model,
  type Parameters,
  type Preprocessing,
} from '@bitwright/core';
import type { Dataset, Samples } from '@bitwright/datasets';
import type { Histogram } from '@bitwright/quantizers';
import { collectHistograms } from '../calibration/activation-histograms.js';
import type { CalibrationCache, ClippingMethods } from '../calibration/calibration-cache.js';
import { settleStatistics } from '../measuring/settle-statistics.js';
import type { KeptPoints } from '../multipoint/kept-points.js';
import { chooseSamples } from '../samples/choose-samples.js';
import type { Distillation } from '../training/training-step.js';
import type { Work } from '../work.js';
import type { SessionCache } from './session-cache.js';

export type EvaluatorOptions = {
  readonly clipping: ClippingMethods;
  /** Training samples from which batch normalization's statistics are estimated anew before measuring. */
  readonly statisticsSamples: number;
  readonly finetuning: {
    /**
     * `training`: statistics of each batch. `folded`: statistics estimated once with the quantized weights and then
     * kept, the normalization folded into the weights.
     */
    readonly batchNormalization: 'training' | 'folded';
    readonly learnsClips: boolean;
    readonly momentum: number;
    readonly weightDecay: number;
  };
};

/** Everything an evaluation works with. */
export type Bench = {
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocessing: Preprocessing;
  readonly layers: readonly Layer[];
  readonly options: EvaluatorOptions;
  readonly calibration: CalibrationCache;
  readonly histograms: Map<number, ReadonlyMap<string, Histogram>>;
  readonly settled: { parameters?: Parameters };
  /** What each layer's noise does to the outputs, by layer, bits and number of samples. */
  readonly divergences: Map<string, number>;
  readonly points: KeptPoints;
  readonly sessions: SessionCache;
};

/** Samples at once where statistics are estimated. */
export const STATISTICS_BATCH = 128;

/** Always the same ones of a number, for every policy. */
export function calibrationSamples({ splits }: Dataset, count: number): Samples {
  return chooseSamples(splits.training, Math.max(1, count), deriveSeed(0, 'calibration'));
}

/** The float network as a teacher, where the fidelity asks for it. */
export function distillationFrom(teacher: Model, { distillation: share = 0 }: Fidelity): Distillation | undefined {
  return share > 0 ? { teacher, share } : undefined;
}

/** Those from which statistics are estimated, always the same ones. */
export function statisticsSamples({ data, options }: Bench): Samples {
  return chooseSamples(data.splits.training, options.statisticsSamples, deriveSeed(0, 'statistics'));
}

/** What every quantized network starts from: the float network, with statistics that estimating them anew would give. */
export function* startParameters(bench: Bench): Work<Parameters> {
  const { model, preprocessing, settled } = bench;
  settled.parameters ??= yield* settleStatistics(model, preprocessing, statisticsSamples(bench), STATISTICS_BATCH);
  return settled.parameters;
}

/** Of the network's tensors. They depend on the number of calibration samples only. */
export function* histogramsOf(
  { model, layers, data, preprocessing, histograms }: Bench,
  count: number,
): Work<ReadonlyMap<string, Histogram>> {
  const known = histograms.get(count);
  if (known !== undefined) return known;
  const collected = yield* collectHistograms(model, layers, calibrationSamples(data, count), preprocessing);
  histograms.set(count, collected);
  return collected;
}
