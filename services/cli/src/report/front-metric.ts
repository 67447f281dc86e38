import type { Report, ReportTrial } from '@bitwright/core';

type Costed = Pick<ReportTrial, 'latencyMs' | 'energyMj' | 'sizeBytes' | 'effectiveBits'>;

/** What the front trades accuracy for. */
export type FrontMetric = {
  readonly label: string;
  readonly of: (item: Costed) => number;
  /** The budget's limit in the label's unit; undefined without one. */
  readonly limit: number | undefined;
};

/** The first constraint's metric, size without one, as the report's front has it. */
export function frontMetric({ constraints }: Report): FrontMetric {
  const first = constraints[0];
  switch (first?.metric) {
    case 'latency':
      return { label: 'ms', of: ({ latencyMs }) => latencyMs ?? 0, limit: first.limit };
    case 'energy':
      return { label: 'mJ', of: ({ energyMj }) => energyMj ?? 0, limit: first.limit };
    case 'effective-bits':
      return { label: 'mean weight bits', of: ({ effectiveBits }) => effectiveBits, limit: first.limit };
    default:
      return {
        label: 'kB',
        of: ({ sizeBytes }) => sizeBytes / 1e3,
        limit: first?.metric === 'size' ? first.limit / 1e3 : undefined,
      };
  }
}

/** Policies as the search measured them: all but the final fine-tunings and the float network. */
export function searchedTrials({ trials }: Report): readonly ReportTrial[] {
  return trials.filter(({ accuracy, role, origin }) => accuracy !== null && role !== 'finalist' && origin !== 'float');
}
