export {
  type Calibration,
  type CalibrationOptions,
  type CalibrationProgress,
  calibrate,
  type MetricFit,
} from './calibrate.js';
export type { ErrorFigures } from './error-figures.js';
export type { Finding } from './finding.js';
