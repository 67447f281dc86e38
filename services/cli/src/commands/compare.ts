import { join, resolve } from 'node:path';
import type { AgentClient } from '@bitwright/client';
import { BitwrightError, compareStrategies, type StrategyComparison } from '@bitwright/core';
import type { Invocation } from '../command.js';
import { withAgent } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import { AGENT_FLAGS } from '../flags/address-flags.js';
import { text } from '../flags/flag.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { readRunFile } from '../flags/run-file.js';
import { requireComplete } from '../flags/search-spec.js';
import { makeFolder, writeWhole } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import { saveJson } from '../search/save-result.js';
import { COMPARE_FLAGS, type CompareFlags, contestants } from '../strategies/compare-flags.js';
import { failureLines, strategyComparisonText } from '../strategies/comparison-text.js';
import { planSearches } from '../strategies/plan-searches.js';
import { type FinishedSearches, runSearches } from '../strategies/run-searches.js';

const OUT_FLAGS = { out: text('DIR', 'folder for comparison.json and comparison.html (default bitwright-comparison)') };
const FILE_FLAGS = { config: text('FILE', 'a YAML file with these settings, one key per flag; flags win') };

/** `bitwright compare`. */
export const compareCommand = defineCommand({
  name: 'compare',
  description: 'strategies against each other: the same network, data, hardware, budget and number of policies',
  flags: { ...COMPARE_FLAGS, ...FILE_FLAGS, ...OUT_FLAGS, ...AGENT_FLAGS },
  examples: [
    'bitwright compare --network mobilenet-v2 --width 0.35 --image-size 32 --classes 10 --dataset fashion-mnist \\',
    '  --hardware bitfusion --budget "latency<=0.6x" --strategies ompq,sensitivity,haq,random --seeds 1,2,3 --trials 30',
    'bitwright compare --config comparison.yaml     # the same command again goes on where it was stopped',
  ],
  run: async ({ flags: { config, out, address, ...flags }, ...invocation }) => {
    const { folder } = invocation.surroundings;
    const fromFile = config === undefined ? {} : await readRunFile({ ...COMPARE_FLAGS, ...OUT_FLAGS }, config, folder);
    const { out: fileOut, ...fileFlags } = fromFile;
    const place = { address, out: resolve(folder, out ?? fileOut ?? 'bitwright-comparison') };
    return compare({ ...fileFlags, ...flags }, place, invocation);
  },
});

async function compare(
  flags: CompareFlags,
  { address, out }: { readonly address: string | undefined; readonly out: string },
  { json, surroundings }: Pick<Invocation, 'json' | 'surroundings'>,
): Promise<ExitCode> {
  requireComplete(flags);
  const world = withOwnHardware(flags, address, surroundings);
  const finished = await withAgent(address, world, async (agent) => {
    await requireStrategies(agent, contestants(flags).strategies);
    const planned = await planSearches(flags, agent.artifacts, world);
    return runSearches(planned, { agent, surroundings: world, json });
  });
  if (finished.runs.length === 0) throw nothingToCompare(finished);
  const comparison = compareStrategies(finished.runs);
  const files = await save(comparison, finished, out);
  if (json) printJson(surroundings.stdout, { comparison, failures: finished.failures, files });
  else {
    surroundings.stdout.write(strategyComparisonText(comparison, finished.failures));
    printLine(surroundings.stdout, `\npage     ${files.html}\nas data  ${files.json}`);
  }
  return finished.failures.length === 0 ? EXIT_CODES.ok : EXIT_CODES.failed;
}

function nothingToCompare({ failures }: FinishedSearches): BitwrightError {
  const message = `no search came to its end\n${failureLines(failures).join('\n')}`;
  return new BitwrightError('failed_precondition', 'NOTHING_TO_COMPARE', message);
}

/** Before the first of them searches. Throws `not_found` and names those that the agent knows. */
async function requireStrategies(agent: AgentClient, names: readonly string[]): Promise<void> {
  const known = (await agent.capabilities()).strategies.map(({ name }) => name);
  const stray = names.find((name) => !known.includes(name));
  if (stray === undefined) return;
  const message = `there is no strategy "${stray}"; there are ${known.join(', ')}`;
  throw new BitwrightError('not_found', 'STRATEGY_UNKNOWN', message);
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
