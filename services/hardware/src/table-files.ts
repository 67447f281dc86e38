import { basename } from 'node:path';
import { createTable, type MissingCosts } from '@bitwright/accelerators';
import { invalidField } from '@bitwright/core';
import { parseTable, TABLE_LIMITS } from '@bitwright/cost-tables';
import type { Accelerator } from '@bitwright/hardware-kit';
import { readInputFile } from '@bitwright/service-kit';

/**
 * The targets that files make: `board.json` is `board`, `edge=board.json` is `edge`. Throws `invalid_argument` that names
 * the file and the place for one that cannot be read or is no table; then there is no target at all.
 */
export function openTables(settings: readonly string[], missingCosts: MissingCosts): Promise<readonly Accelerator[]> {
  return Promise.all(
    settings.map(async (setting) => {
      const { name, path } = splitSetting(setting);
      const refuse = (problem: string) => invalidField(path, problem, 'TABLE_FILE');
      const bytes = await readInputFile(path, refuse, TABLE_LIMITS.fileBytes);
      return createTable(parseTable(bytes, path), { name, missingCosts });
    }),
  );
}

/** A target's name: lower-case words joined by hyphens. */
const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

function splitSetting(setting: string): { readonly name: string; readonly path: string } {
  const [prefix = '', ...rest] = setting.split('=');
  if (rest.length > 0 && NAME.test(prefix)) return { name: prefix, path: rest.join('=') };
  const words = basename(setting)
    .replace(/\.[^.]*$/, '')
    .toLowerCase();
  const name = words.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  if (NAME.test(name)) return { name, path: setting };
  throw invalidField(setting, 'gives the target no name; write NAME=FILE', 'TABLE_NAME');
}
