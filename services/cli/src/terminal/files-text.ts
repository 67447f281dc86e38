import { relative } from 'node:path';
import type { Report } from '@bitwright/core';
import pc from 'picocolors';
import type { ResultFiles } from '../search/save-result.js';
import { formatAccuracy } from './format.js';

/** Where the files of a search are, seen from `folder`, and what the models give in ONNX Runtime. */
export function filesText(
  { policy, reportHtml, reportJson, model, integers }: ResultFiles,
  { exported }: Pick<Report, 'exported'>,
  folder: string,
): string {
  const accuracyOf = (file: { readonly onnxTestAccuracy: number } | null | undefined) =>
    file ? pc.gray(`  ${formatAccuracy(file.onnxTestAccuracy)} in ONNX Runtime`) : '';
  const files: readonly (readonly [what: string, path: string | undefined, note: string])[] = [
    ['policy', policy, ''],
    ['report', reportHtml, ''],
    ['as data', reportJson, ''],
    ['ONNX model', model, accuracyOf(exported)],
    ['in integers', integers, accuracyOf(exported?.integers)],
  ];
  const lines = files.flatMap(([what, path, note]) =>
    path === undefined ? [] : [`${pc.gray(what.padEnd(12))}${shorten(path, folder)}${note}`],
  );
  return lines.join('\n');
}

/** The shorter of the two ways to say it. */
function shorten(path: string, folder: string): string {
  const near = relative(folder, path);
  return near.startsWith('..') || near === '' ? path : near;
}
