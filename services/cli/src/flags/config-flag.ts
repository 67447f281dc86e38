import { type FlagSet, type FlagValues, text } from './flag.js';
import { readRunFile } from './run-file.js';

/** A file with the flags of a command. */
export const CONFIG_FLAGS = { config: text('FILE', 'a YAML file with these settings, one key per flag; flags win') };

/** What the flags say, and where they say nothing, what the file of `--config` says. */
export async function withConfig<Flags extends FlagSet>(
  flags: Flags,
  { config, ...given }: FlagValues<Flags> & FlagValues<typeof CONFIG_FLAGS>,
  folder: string,
): Promise<FlagValues<Flags>> {
  const fromFile = config === undefined ? {} : await readRunFile(flags, config, folder);
  return { ...fromFile, ...(given as unknown as FlagValues<Flags>) };
}
