import { type ArtifactStore, type PartialSearchSpec, sha256Hex, VERSION } from '@bitwright/core';
import { wrongFlag } from '../flags/flag.js';
import { ownHardwareDigests } from '../flags/own-hardware-flags.js';
import { toSearchSpec } from '../flags/search-spec.js';
import type { Surroundings } from '../surroundings.js';
import { type CompareFlags, contestants } from './compare-flags.js';

/**
 * One search of a comparison. The same settings, with the same files of one's own hardware, give the same request, so that what this
 * version of Bitwright has searched is not searched again.
 */
export type PlannedSearch = {
  readonly strategy: string;
  readonly seed: number;
  readonly spec: PartialSearchSpec;
  readonly requestId: string;
};

/** Every strategy with the first seed, then with the next: an early end leaves a comparison of fewer seeds. */
export async function planSearches(
  flags: CompareFlags,
  store: ArtifactStore,
  { folder, environment }: Pick<Surroundings, 'folder' | 'environment'>,
): Promise<readonly PlannedSearch[]> {
  const { strategies, seeds } = contestants(flags);
  const { strategies: _strategies, seeds: _seeds, 'strategy-option': options = [], ...shared } = flags;
  const stray = options.find(({ strategy }) => !strategies.includes(strategy));
  if (stray !== undefined)
    throw wrongFlag('strategy-option', `is for "${stray.strategy}"; compared are ${strategies.join(', ')}`);
  const common = await toSearchSpec(shared, store, folder);
  const hardware = await ownHardwareDigests({ environment });
  const plan = (name: string, seed: number): PlannedSearch => {
    const own = options.filter(({ strategy }) => strategy === name).map(({ key, value }) => [key, value] as const);
    const spec = { ...common, strategy: { name, options: Object.fromEntries(own) }, seed };
    const digest = sha256Hex(JSON.stringify([VERSION, spec, hardware]));
    return { strategy: name, seed, spec, requestId: `compare-${digest.slice(0, 40)}` };
  };
  return seeds.flatMap((seed) => strategies.map((strategy) => plan(strategy, seed)));
}
