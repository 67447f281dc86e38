import { relative } from 'node:path';
import pc from 'picocolors';
import type { ResultFiles } from '../search/save-result.js';

/** Where the files of a search are, seen from `folder`. */
export function filesText({ policy, reportHtml, reportJson, model, integers }: ResultFiles, folder: string): string {
  const files = [
    ['policy', policy],
    ['report', reportHtml],
    ['as data', reportJson],
    ...(model === undefined ? [] : [['ONNX model', model]]),
    ...(integers === undefined ? [] : [['in integers', integers]]),
  ] as [string, string][];
  return files.map(([what, path]) => `${pc.gray(what.padEnd(12))}${shorten(path, folder)}`).join('\n');
}

/** The shorter of the two ways to say it. */
function shorten(path: string, folder: string): string {
  const near = relative(folder, path);
  return near.startsWith('..') || near === '' ? path : near;
}
