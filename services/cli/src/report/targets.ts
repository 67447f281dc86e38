import type { Report, ReportEntry, ReportHardware, ReportLayer, ReportTargetCost } from '@bitwright/core';

/** The hardware of a report, the primary target first. */
export function hardwareOf({ provenance }: Report): readonly ReportHardware[] {
  return provenance.targets ?? [provenance.hardware];
}

/** What a policy costs on a target; nothing is known where it was not priced there. */
export function costOn(
  report: Report,
  { targets, latencyMs, energyMj }: Pick<ReportEntry, 'targets' | 'latencyMs' | 'energyMj'>,
  hardware: string,
): ReportTargetCost {
  if (report.provenance.targets === undefined) return { hardware, latencyMs, energyMj };
  return targets?.find((cost) => cost.hardware === hardware) ?? { hardware, latencyMs: null, energyMj: null };
}

/** The layers of the result with their costs on a target. */
export function layersOn({ layers }: Report, hardware: string): readonly ReportLayer[] {
  return layers.map((layer) => ({ ...layer, ...layer.targets?.find((cost) => cost.hardware === hardware) }));
}

/** Latency on a target as a factor of what 8 bits everywhere cost there; undefined where either is not known. */
export function latencyRatio(report: Report, entry: ReportEntry, hardware: string): number | undefined {
  const { latencyMs } = costOn(report, entry, hardware);
  const reference = latencyAtEightBits(report, hardware);
  return latencyMs === null || !reference ? undefined : latencyMs / reference;
}

/** Not that of the control `uniform-8`, which has fewer bits where the search may not use 8. */
function latencyAtEightBits(report: Report, hardware: string): number | null {
  const limit = report.constraints.find(
    ({ metric, hardware: limited = hardware }) => metric === 'latency' && limited === hardware,
  );
  if (limit !== undefined) return limit.reference;
  return report.reference === undefined ? null : costOn(report, report.reference, hardware).latencyMs;
}

/** Size of an entry as a factor of what 8 bits everywhere take: a byte a weight. */
export function sizeRatio({ layers }: Report, { sizeBytes }: ReportEntry): number | undefined {
  const weights = layers.reduce((sum, layer) => sum + layer.weights, 0);
  return weights === 0 ? undefined : sizeBytes / weights;
}

/** `batch of 1`, or one for each target. */
export function batchText(report: Report): string {
  const targets = hardwareOf(report);
  if (targets.length === 1) return `batch of ${targets[0]?.batch}`;
  return `batches of ${targets.map(({ name, batch }) => `${batch} (${name})`).join(', ')}`;
}
