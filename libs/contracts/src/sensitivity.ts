import {
  FLOAT_BITS,
  type IncreaseMeasure,
  type IncreaseTable,
  invalidField,
  type LayerIncreases,
  type SensitivityMeasure,
  type SensitivityReport,
  type SensitivityRequest,
} from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import {
  limitText,
  mapEntries,
  requireAmount,
  requireBitChoices,
  requireInteger,
  requireLength,
  requireNumber,
  requireText,
} from './fields.js';
import * as wire from './gen/bitwright/quantizer/v1/quantizer.js';
import { LIMITS } from './limits.js';
import { fromWireModelSource, toWireModelSource } from './model.js';
import { fromWireScheme, toWireScheme } from './policy.js';

const measures = createEnumCodec<SensitivityMeasure, wire.SensitivityMeasure>({
  orthogonality: wire.SensitivityMeasure.SENSITIVITY_MEASURE_ORTHOGONALITY,
  'loss-increase': wire.SensitivityMeasure.SENSITIVITY_MEASURE_LOSS_INCREASE,
  'output-divergence': wire.SensitivityMeasure.SENSITIVITY_MEASURE_OUTPUT_DIVERGENCE,
  'hessian-trace': wire.SensitivityMeasure.SENSITIVITY_MEASURE_HESSIAN_TRACE,
  fisher: wire.SensitivityMeasure.SENSITIVITY_MEASURE_FISHER,
});

const LAYERS = { min: 1, max: LIMITS.layers };
const MEASURES = { min: 1, max: 5 };

export function toWireSensitivityRequest(request: SensitivityRequest): wire.MeasureSensitivityRequest {
  const { featureSamples, samples, calibrationSamples, seed } = request;
  return {
    model: toWireModelSource(request.model),
    dataset: request.dataset.name,
    measures: request.measures.map((measure) => measures.toWire(measure)),
    scheme: toWireScheme(request.scheme),
    weightBits: [...request.weightBits],
    activationBits: [...request.activationBits],
    ...{ featureSamples, samples, calibrationSamples, seed },
    known: [...(request.known ?? [])],
  };
}

/** Throws `invalid_argument` naming the field that is missing or out of range. */
export function fromWireSensitivityRequest(message: wire.MeasureSensitivityRequest, field: string): SensitivityRequest {
  const samples = { min: 1, max: LIMITS.samples };
  return {
    model: fromWireModelSource(message.model, `${field}.model`),
    dataset: { name: requireText(message.dataset, `${field}.dataset`, LIMITS.path) },
    measures: mapEntries(message.measures, `${field}.measures`, MEASURES, measures.fromWire),
    scheme: fromWireScheme(message.scheme, `${field}.scheme`),
    weightBits: quantizedWidths(message.weightBits, `${field}.weight_bits`),
    activationBits: quantizedWidths(message.activationBits, `${field}.activation_bits`),
    featureSamples: requireInteger(message.featureSamples, `${field}.feature_samples`, {
      min: 2,
      max: LIMITS.featureSamples,
    }),
    samples: requireInteger(message.samples, `${field}.samples`, samples),
    calibrationSamples: requireInteger(message.calibrationSamples, `${field}.calibration_samples`, samples),
    seed: requireInteger(message.seed, `${field}.seed`, { min: 0, max: LIMITS.uint32 }),
    ...(message.known.length > 0 && {
      known: mapEntries(message.known, `${field}.known`, { min: 0, max: LIMITS.trials }, (line, at) =>
        limitText(line, at, LIMITS.measuredLine),
      ),
    }),
  };
}

/** None at all where everything stays in float. */
function quantizedWidths(widths: readonly number[], field: string): readonly number[] {
  if (widths.length === 0) return [];
  if (widths.includes(FLOAT_BITS)) throw invalidField(field, 'has 32; float adds nothing, leave it out', 'BITS');
  return requireBitChoices(widths, field);
}

export function toWireSensitivity(report: SensitivityReport): wire.SensitivityResult {
  const { featureSamples, samples, seconds, orthogonality } = report;
  return {
    weightBits: [...report.weightBits],
    activationBits: [...report.activationBits],
    orthogonality: orthogonality && toWireMatrix(orthogonality),
    increases: report.increases.map(({ measure, layers }) => ({
      measure: measures.toWire(measure),
      layers: layers.map(({ weights, activations, curvature }) => ({
        ...{ weights: [...weights], activations: [...activations], curvature },
      })),
    })),
    ...{ featureSamples, samples, seconds },
  };
}

export function fromWireSensitivity(message: wire.SensitivityResult, field: string): SensitivityReport {
  const weightBits = quantizedWidths(message.weightBits, `${field}.weight_bits`);
  const activationBits = quantizedWidths(message.activationBits, `${field}.activation_bits`);
  const sampleCount = (value: number, name: string) =>
    requireInteger(value, `${field}.${name}`, { min: 0, max: LIMITS.samples });
  return {
    ...{ weightBits, activationBits },
    orthogonality: message.orthogonality && fromWireMatrix(message.orthogonality, `${field}.orthogonality`),
    increases: mapEntries(message.increases, `${field}.increases`, { ...MEASURES, min: 0 }, (table, at) =>
      fromWireTable(table, at, { weightBits, activationBits }),
    ),
    featureSamples: sampleCount(message.featureSamples, 'feature_samples'),
    samples: sampleCount(message.samples, 'samples'),
    seconds: requireAmount(message.seconds, `${field}.seconds`),
  };
}

type Widths = Pick<SensitivityReport, 'weightBits' | 'activationBits'>;

function fromWireTable(table: wire.IncreaseTable, field: string, widths: Widths): IncreaseTable {
  const measure = measures.fromWire(table.measure, `${field}.measure`);
  if (measure === 'orthogonality') throw invalidField(`${field}.measure`, 'is orthogonality, which has no increases');
  const toLayer = (layer: wire.LayerIncreases, at: string) => fromWireIncreases(layer, at, widths);
  return {
    measure: measure satisfies IncreaseMeasure,
    layers: mapEntries(table.layers, `${field}.layers`, LAYERS, toLayer),
  };
}

/** An increase may be anything, NaN included: that is what a network that a width destroys honestly reports. */
function fromWireIncreases(
  { weights, activations, curvature }: wire.LayerIncreases,
  field: string,
  { weightBits, activationBits }: Widths,
): LayerIncreases {
  const exactly = (count: number) => ({ min: count, max: count });
  return {
    weights: requireLength(weights, `${field}.weights`, exactly(weightBits.length)),
    activations: requireLength(activations, `${field}.activations`, exactly(activationBits.length)),
    curvature,
  };
}

function toWireMatrix(matrix: readonly (readonly number[])[]): wire.OrthogonalityMatrix {
  return { layers: matrix.length, upperTriangle: matrix.flatMap((row, index) => row.slice(index + 1)) };
}

function fromWireMatrix({ layers, upperTriangle }: wire.OrthogonalityMatrix, field: string): number[][] {
  requireInteger(layers, `${field}.layers`, LAYERS);
  const entries = (layers * (layers - 1)) / 2;
  requireLength(upperTriangle, `${field}.upper_triangle`, { min: entries, max: entries });
  const matrix = Array.from({ length: layers }, () => new Array<number>(layers).fill(1));
  let next = 0;
  for (let i = 0; i < layers; i += 1) {
    for (let j = i + 1; j < layers; j += 1) {
      // A little above 1 is rounding.
      const value = requireNumber(upperTriangle[next] as number, `${field}.upper_triangle[${next}]`, {
        min: 0,
        max: 1.001,
      });
      (matrix[i] as number[])[j] = value;
      (matrix[j] as number[])[i] = value;
      next += 1;
    }
  }
  return matrix;
}
