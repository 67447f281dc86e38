import type { Report, ReportConstraint, ReportFrontMetric, ReportTrial } from './report.js';

type Costed = Pick<ReportTrial, 'latencyMs' | 'energyMj' | 'sizeBytes' | 'bops' | 'effectiveBits' | 'targets'>;

/** What the front trades accuracy for. */
export type FrontMetric = {
  readonly label: string;
  readonly of: (item: Costed) => number;
  /** The budget's limit in the label's unit; undefined without one, and where targets have different ones. */
  readonly limit: number | undefined;
  /** What 8 bits everywhere cost, in the label's unit. */
  readonly reference: number;
};

/** The first constraint's metric, size without one, as the report's front has it; with several targets the worst. */
export function frontMetric(report: Report): FrontMetric {
  const { constraints, frontMetric: worst } = report;
  if (worst !== undefined) return worstMetric(worst, constraints);
  const [first] = constraints;
  if (first === undefined) return sizeMetric(report);
  const { limit, reference } = first;
  switch (first.metric) {
    case 'latency':
      return { label: 'ms', of: ({ latencyMs }) => latencyMs ?? 0, limit, reference };
    case 'energy':
      return { label: 'mJ', of: ({ energyMj }) => energyMj ?? 0, limit, reference };
    case 'effective-bits':
      return { label: 'mean weight bits', of: ({ effectiveBits }) => effectiveBits, limit, reference };
    case 'bops':
      return bopsMetric(report, first);
    case 'size':
      return { ...sizeMetric(report), limit: limit / 1e3 };
    default:
      return sizeMetric(report);
  }
}

/** Reports of earlier versions do not say how many bit operations a policy takes: theirs are drawn by size. */
function bopsMetric(report: Report, { limit, reference }: ReportConstraint): FrontMetric {
  if (report.result.bops === undefined) return sizeMetric(report);
  const of = ({ bops = 0 }: Costed) => bops / 1e6;
  return { label: 'million bit operations', of, limit: limit / 1e6, reference: reference / 1e6 };
}

/** At 8 bits a weight is a byte. */
function sizeMetric({ layers }: Report): FrontMetric {
  const reference = layers.reduce((sum, { weights }) => sum + weights, 0) / 1e3;
  return { label: 'kB', of: ({ sizeBytes }) => sizeBytes / 1e3, limit: undefined, reference };
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
    reference: 1,
  };
}

/** Policies as the search measured them: all but the final fine-tunings and the float network. */
export function searchedTrials({ trials }: Report): readonly ReportTrial[] {
  return trials.filter(({ accuracy, role, origin }) => accuracy !== null && role !== 'finalist' && origin !== 'float');
}
