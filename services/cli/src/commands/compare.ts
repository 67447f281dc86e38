import { join, resolve } from 'node:path';
import type { AgentClient } from '@bitwright/client';
import { BitwrightError, compareStrategies, type StrategyComparison } from '@bitwright/core';
import type { Invocation } from '../command.js';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { CONFIG_FLAGS, withConfig } from '../flags/config-flag.js';
import { text, wrongFlag } from '../flags/flag.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { requireComplete } from '../flags/search-spec.js';
import { makeFolder, writeWhole } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import { saveJson } from '../search/save-result.js';
import { stoppedError } from '../stopped-error.js';
import { COMPARE_FLAGS, type CompareFlags, contestants, type StrategyOption } from '../strategies/compare-flags.js';
import { failureLines, strategyComparisonText } from '../strategies/comparison-text.js';
import { planSearches } from '../strategies/plan-searches.js';
import { type FinishedSearches, runSearches } from '../strategies/run-searches.js';

const OUT_FLAGS = { out: text('DIR', 'folder for comparison.json and comparison.html (default bitwright-comparison)') };

/** `bitwright compare`. */
export const compareCommand = defineCommand({
  name: 'compare',
  description: 'strategies against each other: the same network, data, hardware, budget and number of policies',
  flags: { ...COMPARE_FLAGS, ...CONFIG_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  examples: [
    'bitwright compare --network mobilenet-v2 --width 0.35 --image-size 32 --classes 10 --dataset fashion-mnist \\',
    '  --hardware bitfusion --budget "latency<=0.6x" --strategies ompq,sensitivity,haq,random --seeds 1,2,3 --trials 30',
    'bitwright compare --config comparison.yaml     # the same command again goes on where it was stopped',
  ],
  run: async ({ flags: { address, ...flags }, ...invocation }) => {
    const { folder } = invocation.surroundings;
    const { out = 'bitwright-comparison', ...compared } = await withConfig(
      { ...COMPARE_FLAGS, ...OUT_FLAGS },
      flags,
      folder,
    );
    return compare(compared, { address, out: resolve(folder, out) }, invocation);
  },
});

async function compare(
  flags: CompareFlags,
  { address, out }: { readonly address: string | undefined; readonly out: string },
  { json, surroundings }: Pick<Invocation, 'json' | 'surroundings'>,
): Promise<ExitCode> {
  requireComplete(flags);
  const world = withOwnHardware(flags, address, surroundings);
  await makeFolder(out);
  const finished = await withAgent(address, world, async (agent) => {
    await requireStrategies(agent, contestants(flags).strategies, flags['strategy-option']);
    const planned = await planSearches(flags, agent.artifacts, world);
    return runSearches(planned, { agent, surroundings: world, json });
  });
  const [first] = finished.runs;
  if (first === undefined) throw finished.isStopped ? stoppedError(STOPPED) : nothingToCompare(finished);
  const comparison = compareStrategies(finished.runs);
  const files = await save(comparison, finished, out);
  const { failures, isStopped } = finished;
  if (json) printJson(surroundings.stdout, { comparison, failures, isStopped, files });
  else {
    surroundings.stdout.write(strategyComparisonText(comparison, failures, first.report));
    printLine(surroundings.stdout, `\npage     ${files.html}\nas data  ${files.json}`);
  }
  if (!isStopped) return failures.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
  printLine(surroundings.stderr, STOPPED);
  return EXIT_CODES.cancelled;
}

const STOPPED = 'stopped; the same command goes on with what is missing';

function nothingToCompare({ failures }: FinishedSearches): BitwrightError {
  const message = `no search came to its end\n${failureLines(failures).join('\n')}`;
  return new BitwrightError('failed_precondition', 'NOTHING_TO_COMPARE', message);
}

/** Before the first of them searches. Throws `not_found` and names those that the agent knows; of settings `invalid_argument`. */
async function requireStrategies(
  agent: AgentClient,
  names: readonly string[],
  settings: readonly StrategyOption[] = [],
): Promise<void> {
  const { strategies } = await agent.capabilities();
  const known = new Map(strategies.map(({ name, options }) => [name, options.map((option) => option.name)]));
  const stray = names.find((name) => !known.has(name));
  if (stray !== undefined) {
    const message = `there is no strategy "${stray}"; there are ${[...known.keys()].join(', ')}`;
    throw new BitwrightError('not_found', 'STRATEGY_UNKNOWN', message);
  }
  for (const { strategy, key } of settings) {
    const own = known.get(strategy) ?? [];
    // Of `auto`'s settings for HAQ its own check knows more.
    if (own.includes(key) || key.includes('.')) continue;
    throw wrongFlag('strategy-option', `${strategy}.${key} is no setting; ${strategy} has ${own.join(', ') || 'none'}`);
  }
}

async function save(comparison: StrategyComparison, { runs, failures }: FinishedSearches, folder: string) {
  // Here and not above: charts take half a second to load.
  const { renderStrategyComparisonHtml } = await import('../strategies/comparison-html.js');
  await makeFolder(folder);
  const json = await saveJson(join(folder, 'comparison.json'), { ...comparison, failures });
  const html = join(folder, 'comparison.html');
  const [first] = runs;
  if (first !== undefined) await writeWhole(html, renderStrategyComparisonHtml(comparison, first.report, failures));
  return { json, html };
}
