import { resolve } from 'node:path';
import type { AgentClient } from '@bitwright/client';
import type { Invocation } from '../command.js';
import { withAgent } from '../connect.js';
import type { ExitCode } from '../exit-codes.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import type { SearchFlags } from '../flags/search-flags.js';
import { requireComplete, toSearchSpec } from '../flags/search-spec.js';
import { makeFolder } from '../out-files.js';
import { finishSearch } from './finish-search.js';
import { followSearch } from './follow-search.js';
import { createProgressView } from './progress-view.js';

/** Where a new search runs and where its files go. */
export type SearchPlace = { readonly address?: string | undefined; readonly out?: string | undefined };

/** Creates a search, shows how it goes on, and saves and shows what it finds; Ctrl-C keeps the best so far. */
export async function runNewSearch(
  flags: SearchFlags,
  { address, out }: SearchPlace,
  invocation: Pick<Invocation, 'json' | 'surroundings'>,
): Promise<ExitCode> {
  requireComplete(flags);
  const { json } = invocation;
  // Now, so that what is found is not lost to a folder that cannot be.
  if (out !== undefined) await makeFolder(resolve(invocation.surroundings.folder, out));
  const surroundings = withOwnHardware(flags, address, invocation.surroundings);
  const interrupted = surroundings.interrupted();
  const view = createProgressView(surroundings.stderr, json);
  view.note(address === undefined ? 'Starting the services …' : `Asking the agent at ${address} …`);
  return withAgent(address, surroundings, async (agent) => {
    interrupted.throwIfAborted();
    const spec = await toSearchSpec(flags, agent.artifacts, surroundings.folder);
    const { id } = await agent.createSearch(spec, { signal: interrupted });
    view.note(`Search ${id}`);
    const last = await followSearch(agent, id, { view, interrupted, atInterrupt: 'cancel' });
    return finishSearch(agent, last ?? (await endOf(agent, id)), out, invocation);
  });
}

async function endOf(agent: AgentClient, searchId: string) {
  const { state, failure } = await agent.getSearch(searchId);
  return { searchId, state, failure };
}
