export type { AssembleOptions, MeasuredTable, MissingCell } from './assemble-table.js';
export { type BuildTableOptions, type BuiltTable, buildTable } from './build-table.js';
export type { Effort } from './cell-records.js';
export type { BuildProgress } from './measure-cells.js';
export {
  type ComparedNetwork,
  type CompareNetworkOptions,
  compareNetwork,
  type NetworkPoint,
  type NetworkProgress,
} from './network/compare-network.js';
export { type ConversionPoint, fitConversions, forecastConversions } from './network/fit-conversions.js';
export { forecastErrors } from './network/forecast-errors.js';
export { gridOf, type PlannedShape, pairText, planTable, type TablePlan } from './plan-table.js';
export { fillTable } from './roofline/fill-table.js';
export type { CellAnswer, LayerRequest, NetworkRequest, Runner, RunnerDescription } from './runner.js';
export {
  type CommandRunnerOptions,
  createCommandRunner,
  LAYER_FORMATS,
  type LayerFormat,
} from './runners/command-runner.js';
export { createHardwareRunner, type HardwareRunnerOptions, pairsOfHardware } from './runners/hardware-runner.js';
