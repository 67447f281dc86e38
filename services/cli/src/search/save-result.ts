import { join, resolve } from 'node:path';
import type { ArtifactStore, Report } from '@bitwright/core';
import { makeFolder, prepareOut, writeWhole } from '../out-files.js';
import { toPolicyFile } from '../report/policy-file.js';

/** Paths of the models that were written: absent when nothing was exported, and in integers where there is no such form. */
export type ModelFiles = { readonly model: string | undefined; readonly integers: string | undefined };

/** Paths of what was written. */
export type ResultFiles = ModelFiles & {
  readonly policy: string;
  readonly reportHtml: string;
  readonly reportJson: string;
};

/** Writes policy.json, report.json, report.html and the models into the folder, which is made when missing. */
export async function saveResult(report: Report, artifacts: ArtifactStore, folder: string): Promise<ResultFiles> {
  // Here and not above: charts take half a second to load, and most commands draw none.
  const { renderReportHtml } = await import('../report/html.js');
  await makeFolder(folder);
  const models = await saveModels(report, artifacts, folder);
  const policy = await saveJson(join(folder, 'policy.json'), toPolicyFile(report));
  const reportJson = await saveJson(join(folder, 'report.json'), report);
  const reportHtml = join(folder, 'report.html');
  await writeWhole(reportHtml, renderReportHtml(report));
  return { policy, reportHtml, reportJson, ...models };
}

/** Writes model.onnx and model.integers.onnx from the artifact store, as far as the search got. */
export async function saveModels(
  { exported }: Pick<Report, 'exported'>,
  artifacts: ArtifactStore,
  folder: string,
): Promise<ModelFiles> {
  const save = async (file: { onnxDigest: string } | null | undefined, name: string) =>
    file ? saveArtifact(artifacts, file.onnxDigest, join(folder, name)) : undefined;
  return {
    model: await save(exported, 'model.onnx'),
    integers: await save(exported?.integers, 'model.integers.onnx'),
  };
}

/** The path of a file that is still to come, which is known to be writable. Undefined for no name. */
export async function prepareFile(flag: string, name: string | undefined, folder: string): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const path = resolve(folder, name);
  await prepareOut(path, flag);
  return path;
}

/** Writes what the store has under the digest. */
export async function saveArtifact(artifacts: ArtifactStore, digest: string, path: string): Promise<string> {
  await writeWhole(path, await artifacts.get(digest));
  return path;
}

/** Indented, so that people and `diff` can read it. */
export async function saveJson(path: string, content: unknown): Promise<string> {
  await writeWhole(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}
