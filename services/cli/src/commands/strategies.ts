import { type StrategyDescription, type StrategyOption, strategyNamed } from '@bitwright/core';
import { Help } from 'commander';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';
import { plainTable } from '../terminal/plain-table.js';

/** Of lines where no terminal says. */
const WIDTH = 120;

/** `bitwright strategies`. */
export const strategiesCommand = defineCommand({
  name: 'strategies',
  description: 'who may propose policies; with a name, the settings of that strategy',
  arguments: ['[strategy]'],
  flags: AGENT_FLAGS,
  examples: ['bitwright strategies haq', 'bitwright search … --strategy haq --strategy-option guidedShare=0.3'],
  run: async ({ arguments: [name], flags: { address }, json, surroundings }) => {
    const { stdout } = surroundings;
    const all = await listStrategies(address, surroundings);
    const strategies = name === undefined ? all : [strategyNamed(all, name)];
    if (json) printJson(stdout, { strategies: strategies.map(toJson) });
    else
      printLine(
        stdout,
        name === undefined ? tableOf(all) : strategies.map((one) => settingsOf(one, stdout.columns)).join('\n'),
      );
    return EXIT_CODES.ok;
  },
});

/** Without an address those of the agent inside, which need not be started for it: it works beside a running search. */
async function listStrategies(
  address: string | undefined,
  surroundings: Surroundings,
): Promise<readonly StrategyDescription[]> {
  if (address === undefined) return (await import('@bitwright/embedded')).STRATEGIES;
  const signal = surroundings.interrupted();
  return withAgent(address, surroundings, async (agent) => (await agent.capabilities(signal)).strategies);
}

const toJson = ({ name, description, options }: StrategyDescription) => ({ name, description, options });

function tableOf(strategies: readonly StrategyDescription[]): string {
  const rows = strategies.map(({ name, description }) => [name, description]);
  return plainTable(['--strategy', 'proposes'], rows);
}

/** Wrapped as help is, to the width of the terminal. */
function settingsOf({ name, description, options }: StrategyDescription, columns: number | undefined): string {
  const head = `${name}: ${description}`;
  if (options.length === 0) return `${head}\nIt has no settings of its own.`;
  const help = new Help();
  help.helpWidth = columns ?? WIDTH;
  const width = Math.max(...options.map((option) => option.name.length));
  const lines = options.map((option) => help.formatItem(option.name, width, optionText(option), help));
  return [head, '', '--strategy-option KEY=VALUE:', ...lines].join('\n');
}

function optionText({ description, values, default: byDefault }: StrategyOption): string {
  return `${description}; ${values}${byDefault === undefined ? '' : ` (default ${byDefault})`}`;
}
