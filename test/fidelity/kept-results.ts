import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where the results of a script lie unless it is told otherwise: `.cache/fidelity/<name>`. */
export function resultFolder(name: string): string {
  return fileURLToPath(new URL(`../../.cache/fidelity/${name}`, import.meta.url));
}

/**
 * Results by name, each computed when it is not in the folder yet: a script that was stopped goes on. Remove the folder
 * after a change that can alter results.
 */
export function keepResults(folder: string): <T>(name: string, compute: () => T | Promise<T>) => Promise<T> {
  mkdirSync(folder, { recursive: true });
  return async <T>(name: string, compute: () => T | Promise<T>) => {
    const path = `${folder}/${name}.json`;
    if (!existsSync(path)) {
      writeFileSync(`${path}.part`, JSON.stringify(await compute()));
      renameSync(`${path}.part`, path);
    }
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  };
}
