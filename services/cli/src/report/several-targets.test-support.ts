import type { Report, ReportEntry, ReportTrial } from '@bitwright/core';
import { sampleReport } from './sample-report.test-support.js';

/** The sample report as a search on two targets gives it: the cloud takes half of the edge's time, and four images. */
export function twoTargetReport(): Report {
  const report = sampleReport();
  const onBoth = <Costed extends ReportEntry | ReportTrial>(entry: Costed): Costed => {
    const { latencyMs, energyMj } = entry;
    const half = latencyMs === null ? null : latencyMs / 2;
    const targets = [
      { hardware: 'bismo-edge', latencyMs, energyMj },
      { hardware: 'bismo-cloud', latencyMs: half, energyMj: null },
    ];
    return { ...entry, targets };
  };
  const [edge] = report.constraints;
  const { hardware } = report.provenance;
  return {
    ...report,
    result: onBoth(report.result),
    baselines: report.baselines.map(onBoth),
    front: report.front.map(onBoth),
    trials: report.trials.map(onBoth),
    constraints: [
      { ...(edge as NonNullable<typeof edge>), hardware: 'bismo-edge' },
      { ...(edge as NonNullable<typeof edge>), hardware: 'bismo-cloud', limit: 0.063, reference: 0.105, reached: 0.06 },
    ],
    frontMetric: {
      metric: 'latency',
      references: [
        { hardware: 'bismo-edge', value: 0.21 },
        { hardware: 'bismo-cloud', value: 0.105 },
      ],
    },
    layers: report.layers.map((layer) => ({
      ...layer,
      targets: [
        { ...layer, hardware: 'bismo-edge' },
        { ...layer, hardware: 'bismo-cloud', latencyMs: (layer.latencyMs ?? 0) / 2, bound: 'overhead' },
      ],
    })),
    provenance: { ...report.provenance, targets: [hardware, { ...hardware, name: 'bismo-cloud', batch: 4 }] },
  };
}
