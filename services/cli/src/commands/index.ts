import type { AnyCommand } from '../command.js';
import { cancelCommand } from './cancel.js';
import { compareCommand } from './compare.js';
import { datasetsCommand } from './datasets.js';
import { deleteCommand } from './delete.js';
import { demoCommand } from './demo.js';
import { exportCommand } from './export.js';
import { hardwareBuildTableCommand } from './hardware-build-table.js';
import { hardwareCalibrateCommand } from './hardware-calibrate.js';
import { hardwareCheckCommand } from './hardware-check.js';
import { hardwareCheckTableCommand } from './hardware-check-table.js';
import { hardwareCompareCommand } from './hardware-compare.js';
import { hardwareConvertCommand } from './hardware-convert.js';
import { hardwareExplainCommand } from './hardware-explain.js';
import { hardwareListCommand } from './hardware-list.js';
import { hardwareShowCommand } from './hardware-show.js';
import { hardwareTabulateCommand } from './hardware-tabulate.js';
import { learnCommand } from './learn.js';
import { listCommand } from './list.js';
import { modelsCommand } from './models.js';
import { realizeCommand } from './realize.js';
import { reportCommand } from './report.js';
import { resolveCommand } from './resolve.js';
import { resumeCommand } from './resume.js';
import { searchCommand } from './search.js';
import { showCommand } from './show.js';
import { strategiesCommand } from './strategies.js';
import { watchCommand } from './watch.js';

/** The verbs, in the order of help. */
export const COMMANDS: readonly AnyCommand[] = [
  searchCommand,
  compareCommand,
  demoCommand,
  watchCommand,
  listCommand,
  showCommand,
  cancelCommand,
  resumeCommand,
  deleteCommand,
  reportCommand,
  resolveCommand,
  exportCommand,
  realizeCommand,
  learnCommand,
  strategiesCommand,
  modelsCommand,
  datasetsCommand,
];

/** Of `bitwright hardware`. */
export const HARDWARE_COMMANDS: readonly AnyCommand[] = [
  hardwareListCommand,
  hardwareShowCommand,
  hardwareTabulateCommand,
  hardwareBuildTableCommand,
  hardwareCheckTableCommand,
  hardwareExplainCommand,
  hardwareCompareCommand,
  hardwareConvertCommand,
  hardwareCalibrateCommand,
  hardwareCheckCommand,
];
