import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TensorValues } from './data-type.js';

/** What an operation or a graph gives back. */
export type TensorMetadata = { readonly id: number; readonly shape: number[]; readonly dtype: number };

/** The native addon of tfjs-node: TensorFlow's C interface. Only this package may see it. */
export interface TensorflowBinding {
  createTensor(shape: readonly number[], dtype: number, values: TensorValues): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): TensorValues;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputIds: readonly number[], inputNames: string, outputNames: string): TensorMetadata[];
  getNumOfTensors(): number;
  readonly TF_Version: string;
}

let loaded: TensorflowBinding | undefined;

/**
 * TensorFlow's addon, loaded on first use. Only the addon: the JavaScript library around it takes a second to load
 * and 100 MB, and nothing here needs it. Throws with one sentence that says what to do when it is not there.
 */
export function tensorflowBinding(): TensorflowBinding {
  loaded ??= loadBinding();
  return loaded;
}

/** The version of the TensorFlow library in use, such as `2.21.0`. */
export function tensorflowVersion(): string {
  return tensorflowBinding().TF_Version;
}

function loadBinding(): TensorflowBinding {
  const require = createRequire(import.meta.url);
  try {
    const addon = require(addonPath(require, 'tfjs_binding.node')) as TensorflowBinding;
    // Registers our own operations with the library that the first addon has loaded.
    require(addonPath(require, 'bitwright_kernels.node'));
    return addon;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `TensorFlow's native library cannot be loaded (${detail}); run "npm run setup" to fetch and build it`;
    throw new Error(message, { cause });
  }
}

function addonPath(require: NodeJS.Require, name: string): string {
  const library = join(dirname(require.resolve('@tensorflow/tfjs-node/package.json')), 'lib');
  const versions = existsSync(library) ? readdirSync(library).filter((name) => name.startsWith('napi-v')) : [];
  const paths = versions.map((version) => join(library, version, name)).filter((path) => existsSync(path));
  const path = paths.at(-1);
  if (path === undefined) throw new Error(`${name} is not built`);
  return path;
}
