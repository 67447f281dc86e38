import {
  CONVERSION_KINDS,
  type ConvertedElements,
  type ForecastErrors,
  type LookupTable,
  type TableConversions,
} from '@bitwright/cost-tables';
import type { ComparedNetwork } from '@bitwright/table-builder';

const WORDS: Readonly<Record<keyof ConvertedElements, string>> = {
  quantized: 'quantized',
  dequantized: 'dequantized',
  requantized: 'requantized',
  joinedInFloat: 'added in float',
};

/** How far what a table foretells is from whole networks, for people. */
export function tableComparisonText({ comparison, conversions }: ComparedNetwork, table: LookupTable): string {
  const isSum = conversions !== undefined || table.conversions === undefined;
  const { network, policies, withConversions } = comparison;
  const lines = [
    `${isSum ? 'sums over the table' : 'sums and conversions of the table'} against ${network}, measured whole under ${policies} random policies:`,
    ...errorLines(comparison),
  ];
  if (withConversions !== undefined && conversions !== undefined) {
    lines.push('with conversions, foretold by fits to four fifths of the policies for the others:');
    lines.push(...errorLines(withConversions), ...conversionLines(conversions));
  }
  return lines.map((line) => `${line}\n`).join('');
}

function errorLines({ meanAbsoluteErrorPercent, biasPercent, rankCorrelation }: ForecastErrors): readonly string[] {
  const direction = biasPercent > 0 ? 'too slow' : 'too fast';
  const order =
    rankCorrelation === undefined
      ? 'no order to compare: all take equally long'
      : `rank correlation ${rankCorrelation.toFixed(3)} (Spearman)`;
  return [
    `  mean absolute error ${meanAbsoluteErrorPercent.toFixed(1)} %`,
    `  bias ${biasPercent.toFixed(1)} %: on average ${Math.abs(biasPercent).toFixed(1)} % ${direction}`,
    `  ${order}`,
  ];
}

function conversionLines(conversions: TableConversions): readonly string[] {
  const costs = CONVERSION_KINDS.map((kind) => [WORDS[kind], conversions[`${kind}MsPerMillion`]] as const)
    .filter(([, ms]) => ms > 0)
    .map(([words, ms]) => `${ms.toFixed(4)} ms a million elements ${words}`);
  return [`  beyond the layers: ${[`${conversions.constantMs.toFixed(4)} ms`, ...costs].join(', ')}`];
}
