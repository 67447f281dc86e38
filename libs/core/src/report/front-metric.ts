import type { Report, ReportFrontMetric, ReportTrial } from './report.js';

type Costed = Pick<ReportTrial, 'latencyMs' | 'energyMj' | 'sizeBytes' | 'effectiveBits' | 'targets'>;

/** What the front trades accuracy for. */
export type FrontMetric = {
  readonly label: string;
  readonly of: (item: Costed) => number;
  /** The budget's limit in the label's unit; undefined without one, and where targets have different ones. */
  readonly limit: number | undefined;
};

/** The first constraint's metric, size without one, as the report's front has it; with several targets the worst. */
export function frontMetric({ constraints, frontMetric: worst }: Report): FrontMetric {
  if (worst !== undefined) return worstMetric(worst, constraints);
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

function worstMetric({ metric, references }: ReportFrontMetric, constraints: Report['constraints']): FrontMetric {
  const key = metric === 'latency' ? 'latencyMs' : 'energyMj';
  const ratioOn = (item: Costed) => (reference: { readonly hardware: string; readonly value: number }) =>
    (item.targets?.find(({ hardware }) => hardware === reference.hardware)?.[key] ?? 0) / reference.value;
  const limits = references.map(({ hardware, value }) => {
    const own = constraints.filter((limit) => limit.metric === metric && limit.hardware === hardware);
    return Math.min(...own.map(({ limit }) => limit / value));
  });
  const [limit = Number.POSITIVE_INFINITY] = limits;
  const isShared = limits.every((other) => Math.abs(other - limit) <= 1e-9 * limit);
  return {
    label: `x of 8-bit ${metric}, worst target`,
    of: (item) => Math.max(...references.map(ratioOn(item))),
    limit: isShared && Number.isFinite(limit) ? limit : undefined,
  };
}

/** Policies as the search measured them: all but the final fine-tunings and the float network. */
export function searchedTrials({ trials }: Report): readonly ReportTrial[] {
  return trials.filter(({ accuracy, role, origin }) => accuracy !== null && role !== 'finalist' && origin !== 'float');
}
