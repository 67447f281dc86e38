import { VERSION } from '@bitwright/core';
import { Command as Commander, InvalidArgumentError, Option } from 'commander';
import type { AnyCommand } from './command.js';
import { COMMANDS, HARDWARE_COMMANDS } from './commands/index.js';
import { runServe, SERVE_DESCRIPTION } from './commands/serve.js';
import { EXIT_CODES, type ExitCode } from './exit-codes.js';
import { rawFlagsOf } from './raw-flags.js';
import type { Surroundings } from './surroundings.js';

const EPILOGUE = `
Without --address every service runs inside the command, with its database in .bitwright (or BITWRIGHT_HOME).
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 budget cannot be met, 4 not found, 5 unavailable, 130 cancelled.`;

export type Program = {
  /** Runs one command line. Throws `BitwrightError`, and commander's own error for usage and help. */
  run(argv: readonly string[]): Promise<ExitCode>;
};

/** The command line: every verb with its flags and help. */
export function createProgram(surroundings: Surroundings): Program {
  let code: ExitCode = EXIT_CODES.ok;
  const finish = (result: ExitCode) => {
    code = result;
  };
  const root = createRoot(surroundings);
  for (const command of COMMANDS) root.addCommand(toCommander(command, surroundings, finish));
  root.addCommand(hardwareGroup(surroundings, finish));
  root.addCommand(serveCommand(surroundings));
  inherit(root);
  return {
    run: async (argv) => {
      await root.parseAsync([...argv], { from: 'user' });
      return code;
    },
  };
}

type Finish = (code: ExitCode) => void;

function createRoot({ stdout, stderr }: Surroundings): Commander {
  const write = {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
  };
  return new Commander('bitwright')
    .description('Finds how many bits each layer of a network needs on your hardware.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', EPILOGUE)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .configureOutput(write)
    .exitOverride();
}

/** Output, suggestions and errors as exceptions: commander hands them down only to commands it makes itself. */
function inherit(parent: Commander): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    inherit(child);
  }
}

function toCommander(command: AnyCommand, surroundings: Surroundings, finish: Finish): Commander {
  const commander = new Commander(command.name)
    .description(command.description)
    .helpOption('--help', 'print this help');
  for (const argument of command.arguments ?? []) commander.argument(argument);
  for (const [name, { placeholder, description }] of Object.entries(command.flags)) {
    const option = new Option(placeholder === undefined ? `--${name}` : `--${name} <${placeholder}>`, description);
    commander.addOption(placeholder === undefined ? option : option.argParser(collect));
  }
  commander.option('--json', 'one JSON document on standard output, progress on standard error');
  if (command.examples !== undefined)
    commander.addHelpText('after', `\nExamples:\n${command.examples.map((line) => `  ${line}`).join('\n')}`);
  commander.action(async () => {
    const json = commander.opts()['json'] === true;
    finish(await command.run(rawFlagsOf(commander), { arguments: commander.args, json, surroundings }));
  });
  return commander;
}

/** Every value of an option, as it was written; a flag that follows another one is no value of it. */
function collect(text: string, earlier: readonly string[] | undefined): readonly string[] {
  if (text.startsWith('--')) throw new InvalidArgumentError('The value is missing: that is the next flag.');
  return [...(earlier ?? []), text];
}

function hardwareGroup(surroundings: Surroundings, finish: Finish): Commander {
  const group = new Commander('hardware').description('what hardware there is and what layers cost on it');
  group.helpOption('--help', 'print this help');
  for (const command of HARDWARE_COMMANDS) group.addCommand(toCommander(command, surroundings, finish));
  return group;
}

/** Flags after the service's name belong to the service. */
function serveCommand({ process }: Surroundings): Commander {
  return new Commander('serve')
    .description(SERVE_DESCRIPTION)
    .argument('<service>')
    .argument('[settings...]')
    .helpOption('--help', 'print this help')
    .addHelpText('after', '\n`bitwright serve <service> --help` lists its settings.')
    .passThroughOptions()
    .action((service: string, settings: string[]) => runServe(service, settings, process));
}
