import type { RunSettings } from './bench/job.js';

/** How often what is measured is run, and for how long at most. */
export type MeasurementSettings = Omit<RunSettings, 'runsPerSample'>;

/** A sample of a layer is the mean of so many runs: the clock of ONNX Runtime's profile counts microseconds. */
const LAYER_RUNS_PER_SAMPLE = 5;

export const layerRuns = (settings: MeasurementSettings) => runSettings(settings, LAYER_RUNS_PER_SAMPLE);

export const networkRuns = (settings: MeasurementSettings) => runSettings(settings, 1);

/** Nothing else than settings: they travel to another process. */
function runSettings(
  { threads, warmUpRuns, samples, budgetMs }: MeasurementSettings,
  runsPerSample: number,
): RunSettings {
  return { threads, warmUpRuns, samples, budgetMs, runsPerSample };
}
