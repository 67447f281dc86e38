import { randomUUID } from 'node:crypto';
import { RemoteArtifactStore } from '@bitwright/adapters';
import {
  type AgentCapabilities,
  type agentProto,
  type ExplainPolicyRequest,
  fromWireAgentCapabilities,
  fromWirePolicyAnswer,
  fromWirePolicyExplanation,
  fromWireSearch,
  fromWireSearchSpec,
  LIMITS,
  readAnswer,
  SearchServiceDefinition,
  searchStates,
  toWireConstraint,
  toWireExplainPolicyRequest,
  toWireSearchSpec,
} from '@bitwright/contracts';
import {
  type ArtifactStore,
  type Constraint,
  completeSearchSpec,
  type PartialSearchSpec,
  type PolicyAnswer,
  type PolicyExplanation,
  type Report,
  type SearchFilter,
  type SearchPage,
  type SearchProgress,
  type SearchRecord,
} from '@bitwright/core';
import { createChannel, createClient, type GrpcClient, withSignal } from '@bitwright/service-kit';
import { parseReport } from './parse-report.js';
import { type WatchOptions, watchSearch } from './watch-search.js';

export type CreateSearchOptions = {
  /** The same id with the same spec gives the same search; a new UUID by default. */
  readonly requestId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type ListSearchesOptions = SearchFilter & {
  /** 1..100. @default 20 */
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type DeleteSearchOptions = {
  /** Whether a search that is not there is no error. @default false */
  readonly allowMissing?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Searches and artifacts of one agent. Calls throw `BitwrightError` only. */
export type AgentClient = {
  /** Starts a search; what the spec leaves open has its default. Throws `failed_precondition` for a budget that cannot be met. */
  createSearch(spec: PartialSearchSpec, options?: CreateSearchOptions): Promise<SearchRecord>;
  getSearch(searchId: string, signal?: AbortSignal): Promise<SearchRecord>;
  /** One page, newest first. */
  listSearches(options?: ListSearchesOptions): Promise<SearchPage>;
  /** Progress until the search ends, over restarts of the agent. */
  watchSearch(searchId: string, options?: WatchOptions): AsyncIterable<SearchProgress>;
  /** Ends a search and keeps what it found. */
  cancelSearch(searchId: string, signal?: AbortSignal): Promise<SearchRecord>;
  /** Goes on with a cancelled or failed search. */
  resumeSearch(searchId: string, signal?: AbortSignal): Promise<SearchRecord>;
  /** Removes a search with what it found. Throws `failed_precondition` for one that has not ended. */
  deleteSearch(searchId: string, options?: DeleteSearchOptions): Promise<void>;
  /** Throws `failed_precondition` while there is no report. */
  getReport(searchId: string, signal?: AbortSignal): Promise<Report>;
  /**
   * The best policy within another budget by what a search has measured. Throws `failed_precondition` for a strategy that
   * tries its policies, before the layers are measured, and for a budget out of reach.
   */
  resolvePolicy(searchId: string, budget: readonly Constraint[], signal?: AbortSignal): Promise<PolicyAnswer>;
  /**
   * What a policy costs on a target, layer by layer, what bounds each, and what one bit less would save. Throws
   * `unsupported` for bits at which the target cannot run a layer.
   */
  explainPolicy(request: ExplainPolicyRequest, signal?: AbortSignal): Promise<PolicyExplanation>;
  capabilities(signal?: AbortSignal): Promise<AgentCapabilities>;
  /** Models to upload and results to download, by digest. */
  readonly artifacts: ArtifactStore;
  close(): void;
};

/** A model's description and a cost table take more than an ordinary call may. */
const TABULATE_DEADLINE_MS = 110_000;

/** A client of the agent at `host:port`; connects at the first call. Throws `invalid_argument` for a bad address. */
export function connectAgent(address: string): AgentClient {
  const channel = createChannel(address);
  const client = createClient(SearchServiceDefinition, channel);
  return {
    ...searchCalls(client),
    artifacts: new RemoteArtifactStore(channel),
    close: () => channel.close(),
  };
}

type SearchCalls = Omit<AgentClient, 'artifacts' | 'close'>;

function searchCalls(client: GrpcClient<typeof SearchServiceDefinition>): SearchCalls {
  const readSearch = (answer: { readonly search: agentProto.Search | undefined }) =>
    readAnswer(() => fromWireSearch(answer.search, 'search'));
  return {
    createSearch: async (partial, { requestId = randomUUID(), signal } = {}) => {
      const spec = toWireSearchSpec(completeSearchSpec(partial));
      // The agent's own check, made here first: numbers that do not fit the wire are named, too.
      fromWireSearchSpec(spec, 'spec');
      const options = { ...withSignal(signal), deadlineMs: TABULATE_DEADLINE_MS };
      return readSearch(await client.createSearch({ requestId, spec }, options));
    },
    getSearch: async (searchId, signal) => readSearch(await client.getSearch({ searchId }, withSignal(signal))),
    listSearches: (options) => listSearches(client, options),
    watchSearch: (searchId, options) =>
      watchSearch((resumeToken, signal) => client.watchSearch({ searchId, resumeToken }, withSignal(signal)), options),
    cancelSearch: async (searchId, signal) => readSearch(await client.cancelSearch({ searchId }, withSignal(signal))),
    resumeSearch: async (searchId, signal) => readSearch(await client.resumeSearch({ searchId }, withSignal(signal))),
    deleteSearch: async (searchId, { allowMissing = false, signal } = {}) =>
      void (await client.deleteSearch({ searchId, allowMissing }, withSignal(signal))),
    getReport: async (searchId, signal) =>
      parseReport((await client.getReport({ searchId }, withSignal(signal))).reportJson),
    resolvePolicy: async (searchId, budget, signal) => {
      const request = { searchId, budget: budget.map(toWireConstraint) };
      const answer = await client.resolvePolicy(request, withSignal(signal));
      return readAnswer(() => fromWirePolicyAnswer(answer, 'answer'));
    },
    explainPolicy: async (request, signal) => {
      const options = { ...withSignal(signal), deadlineMs: TABULATE_DEADLINE_MS };
      const answer = await client.explainPolicy(toWireExplainPolicyRequest(request), options);
      return readAnswer(() => fromWirePolicyExplanation(answer, 'explanation'));
    },
    capabilities: async (signal) => {
      const answer = await client.getCapabilities({}, withSignal(signal));
      return readAnswer(() => fromWireAgentCapabilities(answer, 'capabilities'));
    },
  };
}

async function listSearches(
  client: GrpcClient<typeof SearchServiceDefinition>,
  { state, pageSize = 20, pageToken = '', signal }: ListSearchesOptions = {},
): Promise<SearchPage> {
  const request = {
    pageSize: Math.min(pageSize, LIMITS.pageSize),
    pageToken,
    state: searchStates.toWireOptional(state),
  };
  const { searches, nextPageToken } = await client.listSearches(request, withSignal(signal));
  return {
    searches: searches.map((search, index) => readAnswer(() => fromWireSearch(search, `searches[${index}]`))),
    nextPageToken: nextPageToken === '' ? undefined : nextPageToken,
  };
}
