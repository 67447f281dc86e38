import type { Report } from '@bitwright/core';
import pc from 'picocolors';
import { formatSeconds } from './format.js';
import { frontPicture } from './front-picture.js';
import { layerPicture } from './layer-picture.js';
import { resultTable } from './result-table.js';
import { summaryText } from './summary-text.js';

/** Where the width is not known, nobody's terminal wraps. */
const DEFAULT_COLUMNS = 120;

/** All that a finished search shows on a terminal, but for the paths of its files. */
export function reportText(report: Report, columns = DEFAULT_COLUMNS): string {
  const { provenance, searchId, state } = report;
  const heading = pc.bold(`Search ${searchId} ${state} in ${formatSeconds(provenance.seconds)}`);
  const parts = [
    `${heading}\n${summaryText(report)}`,
    resultTable(report, columns),
    `${pc.bold('Bits of each layer')}\n${layerPicture(report)}`,
    `${pc.bold('Pareto front')}, as the search measured it\n${frontPicture(report)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
