import { type FlagValues, names, repeated, single } from '../flags/flag.js';
import { SEARCH_FLAGS } from '../flags/search-flags.js';

const { strategy: _strategy, seed: _seed, 'strategy-option': option, ...shared } = SEARCH_FLAGS;

/** Seeds of one comparison. */
const MOST_SEEDS = 20;

const DEFAULT_STRATEGIES = ['ompq', 'sensitivity', 'haq', 'random'];
const DEFAULT_SEEDS = [1, 2, 3];

/** All that a comparison can be told: a search's settings, and who is compared. */
export const COMPARE_FLAGS = {
  ...shared,
  strategies: names(
    'NAME',
    `who is compared, with commas between (default ${DEFAULT_STRATEGIES.join(',')}); \`bitwright strategies\` lists all`,
  ),
  seeds: single('LIST', `each strategy searches once with each (default ${DEFAULT_SEEDS.join(',')})`, readSeeds),
  'strategy-option': repeated(
    'STRATEGY.KEY=VALUE',
    "a setting of one strategy's own, for example haq.noise=0.4",
    (text) => readStrategyOption(text),
  ),
};

export type CompareFlags = FlagValues<typeof COMPARE_FLAGS>;

/** A setting of one strategy's own. */
export type StrategyOption = { readonly strategy: string; readonly key: string; readonly value: unknown };

/** Who is compared, and with which seeds. */
export function contestants({ strategies = DEFAULT_STRATEGIES, seeds = DEFAULT_SEEDS }: CompareFlags) {
  return { strategies, seeds };
}

function readSeeds(text: string): readonly number[] {
  const seeds = text.split(',').map((part) => (/^\s*\d{1,10}\s*$/.test(part) ? Number(part) : Number.NaN));
  const isSound = seeds.every((seed) => seed < 2 ** 31) && new Set(seeds).size === seeds.length;
  if (isSound && seeds.length <= MOST_SEEDS) return seeds;
  throw new Error(`is "${text}"; write up to ${MOST_SEEDS} different whole numbers, for example 1,2,3`);
}

function readStrategyOption(text: string): StrategyOption {
  const [, strategy = '', setting = ''] = /^([a-z0-9-]+)\.(.+=.*)$/s.exec(text) ?? [];
  const [found] = setting === '' ? [] : option.read([setting]);
  if (found !== undefined) return { strategy, key: found[0], value: found[1] };
  throw new Error(`is "${text}"; write strategy.key=value, for example haq.noise=0.4`);
}
