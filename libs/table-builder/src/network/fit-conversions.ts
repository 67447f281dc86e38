import { BitwrightError } from '@bitwright/core';
import { CONVERSION_KINDS, type ConvertedElements, conversionMs, type TableConversions } from '@bitwright/cost-tables';
import { Matrix, solve } from 'ml-matrix';

/** A network under one policy: its layers' times, what it converts, and what it took. */
export type ConversionPoint = {
  readonly sumMs: number;
  readonly converted: ConvertedElements;
  readonly measuredMs: number;
};

/** Five constants and a fold that is left out need as many points, and some to spare. */
const FEWEST_POINTS = 12;
const FOLDS = 5;
type Kind = (typeof CONVERSION_KINDS)[number];

/**
 * What networks take beyond their layers, by least squares over relative errors. A kind of conversion that never occurs,
 * or that would save time, costs nothing. Throws `failed_precondition` `NETWORK_NOT_MEASURED` for fewer than 12 points.
 */
export function fitConversions(points: readonly ConversionPoint[]): TableConversions {
  if (points.length < FEWEST_POINTS) throw tooFew(points.length);
  return fitKinds(points, CONVERSION_KINDS);
}

/** The times of all points, each foretold by a fit that has not seen it: in five folds, ms. */
export function forecastConversions(points: readonly ConversionPoint[]): readonly number[] {
  if (points.length < FEWEST_POINTS) throw tooFew(points.length);
  const fits = Array.from({ length: FOLDS }, (_, fold) =>
    fitKinds(
      points.filter((_, index) => index % FOLDS !== fold),
      CONVERSION_KINDS,
    ),
  );
  return points.map(({ sumMs, converted }, index) => {
    return sumMs + conversionMs(fits[index % FOLDS] as TableConversions, converted);
  });
}

function fitKinds(points: readonly ConversionPoint[], kinds: readonly Kind[]): TableConversions {
  const seen = kinds.filter((kind) => points.some(({ converted }) => converted[kind] > 0));
  const rows = points.map(({ converted, measuredMs }) =>
    [1, ...seen.map((kind) => converted[kind])].map((x) => x / measuredMs),
  );
  const beyond = points.map(({ sumMs, measuredMs }) => [(measuredMs - sumMs) / measuredMs]);
  const [constantMs = 0, ...slopes] = solve(new Matrix(rows), new Matrix(beyond), true).to1DArray();
  const lowest = Math.min(...slopes);
  if (lowest < 0)
    return fitKinds(
      points,
      seen.filter((_, index) => slopes[index] !== lowest),
    );
  const slopeOf = (kind: Kind) => slopes[seen.indexOf(kind)] ?? 0;
  return {
    constantMs,
    quantizedMsPerMillion: slopeOf('quantized'),
    dequantizedMsPerMillion: slopeOf('dequantized'),
    requantizedMsPerMillion: slopeOf('requantized'),
    joinedInFloatMsPerMillion: slopeOf('joinedInFloat'),
  };
}

function tooFew(count: number): BitwrightError {
  const message = `conversions are fitted to at least ${FEWEST_POINTS} policies; ${count} could be measured (see --policies)`;
  return new BitwrightError('failed_precondition', 'NETWORK_NOT_MEASURED', message);
}
