import type { QuantizationScheme } from '../policy/policy.js';
import type { QuantizerTask } from './quantizer.js';

/** What can be measured of a network's layers without trying whole policies. */
export const SENSITIVITY_MEASURES = [
  'orthogonality',
  'loss-increase',
  'output-divergence',
  'hessian-trace',
  'fisher',
] as const;

/**
 * `orthogonality`: how alike the outputs of layers are, on one batch without labels (OMPQ, arXiv 2109.07865). The others
 * give what each layer adds to the loss at each width, in nats: measured with labels (`loss-increase`), measured
 * without (`output-divergence`), or by a second-order model of the weights (`hessian-trace`, `fisher`, with labels).
 */
export type SensitivityMeasure = (typeof SENSITIVITY_MEASURES)[number];

/** The measures that give an increase of the loss for each layer and width. */
export type IncreaseMeasure = Exclude<SensitivityMeasure, 'orthogonality'>;

/** What to measure, on samples of the training split. */
export type SensitivityRequest = QuantizerTask & {
  readonly measures: readonly SensitivityMeasure[];
  readonly scheme: QuantizationScheme;
  /** Widths at which a layer alone is quantized, ascending, 1..8. */
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /** The batch of `orthogonality`, at least 2. */
  readonly featureSamples: number;
  /** Samples of every other measure. */
  readonly samples: number;
  readonly calibrationSamples: number;
  readonly seed: number;
  /**
   * Log lines that the progress of the same request gave before: what they tell is not measured again. Read anew whenever the
   * work begins again.
   */
  readonly known?: readonly string[] | undefined;
};

/** What one layer alone adds to the mean loss, nats, by the request's widths; sampling may make it slightly negative. */
export type LayerIncreases = {
  readonly weights: readonly number[];
  readonly activations: readonly number[];
  /** Mean curvature per weight of a second-order measure: the Hessian's trace, or the summed squared gradients, over the number of weights. */
  readonly curvature?: number | undefined;
};

/** One entry per quantizable layer, in their order. */
export type IncreaseTable = { readonly measure: IncreaseMeasure; readonly layers: readonly LayerIncreases[] };

export type SensitivityReport = {
  readonly weightBits: readonly number[];
  readonly activationBits: readonly number[];
  /**
   * Linear CKA between the outputs of layers i and j, 0..1, symmetric, 1 on the diagonal. A layer's output is what
   * leaves it after the normalization and the rectifier behind it.
   */
  readonly orthogonality: readonly (readonly number[])[] | undefined;
  readonly increases: readonly IncreaseTable[];
  /** Samples of the batch behind `orthogonality`, and of the increases; 0 where there are none. */
  readonly featureSamples: number;
  readonly samples: number;
  readonly seconds: number;
};
