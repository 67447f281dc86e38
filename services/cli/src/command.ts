import type { ExitCode } from './exit-codes.js';
import type { FlagSet, FlagValues, RawFlags } from './flags/flag.js';
import type { Surroundings } from './surroundings.js';

/** What a command gets: its arguments and flags, read, and the world around it. */
export type Invocation<Flags extends FlagSet = FlagSet> = {
  readonly arguments: readonly string[];
  readonly flags: FlagValues<Flags>;
  /** Whether standard output is to be one JSON document. */
  readonly json: boolean;
  readonly surroundings: Surroundings;
};

/** One verb of the command line. */
export type Command<Flags extends FlagSet = FlagSet> = {
  readonly name: string;
  readonly description: string;
  /** Names of its arguments as help shows them: `<search>`, or `[strategy]` for one that may be left out. */
  readonly arguments?: readonly string[] | undefined;
  readonly flags: Flags;
  /** More help, after the flags. */
  readonly examples?: readonly string[] | undefined;
  run(invocation: Invocation<Flags>): Promise<ExitCode>;
};

/** A command with its own types forgotten, to be listed with others. */
export type AnyCommand = Omit<Command, 'run'> & {
  run(raw: RawFlags, rest: Omit<Invocation, 'flags'>): Promise<ExitCode>;
};
