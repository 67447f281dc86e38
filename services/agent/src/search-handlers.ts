import {
  type agentProto,
  fromResumeToken,
  fromWireConstraint,
  fromWireExplainPolicyRequest,
  fromWireSearchSpec,
  LIMITS,
  mapEntries,
  requireInteger,
  requireText,
  type SearchServiceImplementation,
  searchStates,
  toWireAgentCapabilities,
  toWireHeartbeat,
  toWirePolicyAnswer,
  toWirePolicyExplanation,
  toWireSearch,
  toWireWatchUpdate,
} from '@bitwright/contracts';
import {
  BitwrightError,
  type Constraint,
  deriveLayers,
  explainOnTarget,
  type HardwareNetwork,
  type Quantizer,
  type ResolvedPolicy,
  type SearchManager,
  type StrategyDefinition,
  toPolicyAnswer,
} from '@bitwright/core';
import type { CallLimits } from '@bitwright/service-kit';
import { withHeartbeat } from './heartbeat.js';

export type SearchHandlersOptions = {
  readonly manager: SearchManager;
  readonly strategies: readonly StrategyDefinition[];
  readonly quantizer: Quantizer;
  readonly hardware: HardwareNetwork;
  /** See core's `resolvePolicy`. */
  readonly resolve: (searchId: string, budget: readonly Constraint[]) => Promise<ResolvedPolicy>;
  readonly version: string;
};

/** Peers are told at least this often that a watched search is alive, ms. */
const HEARTBEAT_MS = 10_000;
const BUDGET_RANGE = { min: 0, max: LIMITS.constraints };
const DEFAULT_PAGE_SIZE = 20;
const LARGEST_PAGE = 100;

/** `SearchService` over a search manager: translates wire and domain, nothing else. */
export function createSearchHandlers(options: SearchHandlersOptions): SearchServiceImplementation<CallLimits> {
  const { manager } = options;
  const searchId = (request: { searchId: string }) => requireText(request.searchId, 'search_id');
  return {
    createSearch: async (request, context) => {
      const requestId = requireText(request.requestId, 'request_id');
      const spec = fromWireSearchSpec(request.spec, 'spec');
      return { search: toWireSearch(await manager.create(requestId, spec, context.signal)) };
    },
    getSearch: async (request) => ({ search: toWireSearch(await manager.get(searchId(request))) }),
    listSearches: async (request) => listSearches(manager, request),
    watchSearch: (request, context) => {
      context.abortOnTerminate();
      return watchSearch(manager, request, context.signal);
    },
    cancelSearch: async (request) => ({ search: toWireSearch(await manager.cancel(searchId(request))) }),
    resumeSearch: async (request) => ({ search: toWireSearch(await manager.resume(searchId(request))) }),
    deleteSearch: async (request) => {
      await manager.delete(searchId(request), { allowMissing: request.allowMissing });
      return {};
    },
    resolvePolicy: async (request) => {
      const budget = mapEntries(request.budget, 'budget', BUDGET_RANGE, fromWireConstraint);
      return toWirePolicyAnswer(toPolicyAnswer(await options.resolve(searchId(request), budget)));
    },
    explainPolicy: async (request, context) => explainPolicy(options, request, context.signal),
    getReport: async (request) => ({ reportJson: await manager.report(searchId(request)) }),
    getCapabilities: async (_request, context) => capabilitiesOf(options, context.signal),
  };
}

async function listSearches(manager: SearchManager, request: agentProto.ListSearchesRequest) {
  const asked = request.pageSize === 0 ? DEFAULT_PAGE_SIZE : request.pageSize;
  const pageSize = requireInteger(asked, 'page_size', { min: 1, max: LARGEST_PAGE });
  const filter = request.state === 0 ? {} : { state: searchStates.fromWire(request.state, 'state') };
  const token = request.pageToken === '' ? undefined : requireText(request.pageToken, 'page_token', LIMITS.text);
  const page = await manager.list(filter, pageSize, token);
  return { searches: page.searches.map(toWireSearch), nextPageToken: page.nextPageToken ?? '' };
}

async function* watchSearch(manager: SearchManager, request: agentProto.WatchSearchRequest, signal: AbortSignal) {
  const id = requireText(request.searchId, 'search_id');
  let sequence = fromResumeToken(request.resumeToken, 'resume_token');
  for await (const progress of withHeartbeat(manager.watch(id, sequence, signal), HEARTBEAT_MS)) {
    sequence = progress?.sequence ?? sequence;
    yield progress === undefined ? toWireHeartbeat(sequence) : toWireWatchUpdate(progress);
  }
}

async function explainPolicy(
  { quantizer, hardware }: SearchHandlersOptions,
  request: agentProto.ExplainPolicyRequest,
  signal: AbortSignal,
) {
  const { model, hardware: target, policy } = fromWireExplainPolicyRequest(request);
  const { network } = await quantizer.describeModel(model, signal);
  return toWirePolicyExplanation(await explainOnTarget(hardware, target, deriveLayers(network), policy, signal));
}

async function capabilitiesOf(
  { version, strategies, quantizer, hardware }: SearchHandlersOptions,
  signal: AbortSignal,
) {
  const [{ targets, endpoints }, samples] = await Promise.all([
    hardware.survey(signal),
    surveyQuantizer(quantizer, signal),
  ]);
  const found = { hardware: targets, hardwareEndpoints: endpoints };
  return toWireAgentCapabilities({ version, strategies, ...found, ...samples });
}

/** A quantizer that is away takes nothing from what is known of hardware. */
async function surveyQuantizer(quantizer: Quantizer, signal: AbortSignal) {
  try {
    const [models, datasets] = await Promise.all([quantizer.listModels(signal), quantizer.listDatasets(signal)]);
    return { models, datasets, quantizerOutage: undefined };
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.kind !== 'unavailable') throw error;
    return { models: [], datasets: [], quantizerOutage: error.message };
  }
}
