import { relative } from 'node:path';
import type { IntegerSpeed, Report } from '@bitwright/core';
import pc from 'picocolors';
import { allTestImagesText } from '../report/sample-counts.js';
import type { ResultFiles } from '../search/save-result.js';
import { formatAccuracy } from './format.js';
import { speedUpText } from './speed-text.js';

/** Where the files of a search are, seen from `folder`, and what the models give in ONNX Runtime. */
export function filesText(
  { policy, reportHtml, reportJson, model, integers }: ResultFiles,
  report: Pick<Report, 'exported' | 'provenance'>,
  folder: string,
): string {
  const { exported } = report;
  const images = allTestImagesText(report);
  const files: readonly (readonly [what: string, path: string | undefined, note: string])[] = [
    ['policy', policy, ''],
    ['report', reportHtml, ''],
    ['as data', reportJson, ''],
    ['ONNX model', model, noteOf(exported, images)],
    ['in integers', integers, noteOf(exported?.integers, images)],
  ];
  const lines = files.flatMap(([what, path, note]) =>
    path === undefined ? [] : [`${pc.gray(what.padEnd(12))}${shorten(path, folder)}${note}`],
  );
  return lines.join('\n');
}

type Figures = { readonly onnxTestAccuracy: number; readonly speed?: IntegerSpeed };

/** What a model gives in ONNX Runtime. */
function noteOf(file: Figures | null | undefined, images: string): string {
  if (!file) return '';
  const { onnxTestAccuracy, speed } = file;
  const notes = [
    `${formatAccuracy(onnxTestAccuracy)} on ${images} in ONNX Runtime`,
    ...(speed ? [speedUpText(speed)] : []),
  ];
  return pc.gray(`  ${notes.join(', ')}`);
}

/** The shorter of the two ways to say it. */
function shorten(path: string, folder: string): string {
  const near = relative(folder, path);
  return near.startsWith('..') || near === '' ? path : near;
}
