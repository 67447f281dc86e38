import type { AnyCommand, Command } from './command.js';
import { type FlagSet, readFlagValues } from './flags/flag.js';

/** A command that reads its own flags before it runs. */
export function defineCommand<Flags extends FlagSet>(command: Command<Flags>): AnyCommand {
  return { ...command, run: (raw, rest) => command.run({ ...rest, flags: readFlagValues(command.flags, raw) }) };
}
