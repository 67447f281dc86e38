import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BitwrightError, type Model, sha256Hex, type ZooEntry } from '@bitwright/core';
import { exportOnnx, importOnnx } from '@bitwright/onnx';
import { type CheckpointRecipe, checkpointName, toZooEntry } from './checkpoint.js';
import { type ZooSource, zooOptions } from './registry.js';

/** Folder of the checkpoints that come with Bitwright. */
export const CHECKPOINT_FOLDER = fileURLToPath(new URL('../checkpoints', import.meta.url));

/** A trained network, the bytes of its ONNX file and how it was made. */
export type Checkpoint = { readonly model: Model; readonly onnx: Uint8Array; readonly recipe: CheckpointRecipe };

/** Recipes of all checkpoints in a folder, by file name. */
export async function readRecipes(folder = CHECKPOINT_FOLDER): Promise<readonly CheckpointRecipe[]> {
  const names = await readdir(folder).catch(() => []);
  const recipes = names.filter((name) => name.endsWith('.json')).sort();
  return Promise.all(recipes.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
}

/** What is trained, for clients. */
export async function listZooEntries(folder = CHECKPOINT_FOLDER): Promise<readonly ZooEntry[]> {
  return (await readRecipes(folder)).map(toZooEntry);
}

/** The recipe of the checkpoint of exactly this network for this data set, if there is one. */
export async function findRecipe(
  source: ZooSource,
  dataset: string,
  folder = CHECKPOINT_FOLDER,
): Promise<CheckpointRecipe | undefined> {
  return (await readRecipes(folder)).find((recipe) => {
    const wanted = zooOptions(source, recipe.channels);
    const keys = ['network', 'width', 'imageSize', 'classes', 'outputStride'] as const;
    return recipe.dataset === dataset && keys.every((key) => recipe[key] === wanted[key]);
  });
}

/** Reads a checkpoint. Throws `data_loss` `CHECKPOINT_CORRUPT` when the ONNX file is not the one of the recipe. */
export async function readCheckpoint(recipe: CheckpointRecipe, folder = CHECKPOINT_FOLDER): Promise<Checkpoint> {
  const path = join(folder, `${checkpointName(recipe)}.onnx`);
  const onnx = await readFile(path);
  if (sha256Hex(onnx) !== recipe.modelDigest) {
    throw new BitwrightError('data_loss', 'CHECKPOINT_CORRUPT', `${path} is not the file that its recipe names`);
  }
  return { model: importOnnx(onnx).model, onnx, recipe };
}

/** Writes a model and its recipe, the recipe last, so that a recipe never names a file that is not there. */
export async function writeCheckpoint(
  folder: string,
  model: Model,
  recipe: Omit<CheckpointRecipe, 'modelDigest'>,
): Promise<{ path: string; recipe: CheckpointRecipe }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${checkpointName(recipe)}.onnx`);
  const onnx = exportOnnx(model, { metadata: checkpointMetadata(recipe) });
  const complete = { ...recipe, modelDigest: sha256Hex(onnx) };
  await replaceFile(path, onnx);
  await replaceFile(path.replace(/onnx$/, 'json'), `${JSON.stringify(complete, undefined, 2)}\n`);
  return { path, recipe: complete };
}

/** Properties stored in the ONNX file, so that it can be used without its recipe. */
function checkpointMetadata(recipe: Omit<CheckpointRecipe, 'modelDigest'>): Record<string, string> {
  return {
    'bitwright.dataset': recipe.dataset,
    'bitwright.data_digest': recipe.dataDigest,
    'bitwright.preprocess': JSON.stringify(recipe.preprocess),
    'bitwright.test_accuracy': String(recipe.testAccuracy),
    'bitwright.command': recipe.command,
  };
}

async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}
