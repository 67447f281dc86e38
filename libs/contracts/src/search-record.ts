import type { SearchFailure, SearchPhase, SearchRecord, SearchState } from '@bitwright/core';
import { createEnumCodec } from './enum-codec.js';
import { limitText, requireCount, requireMessage, requireText } from './fields.js';
import * as wire from './gen/bitwright/agent/v1/agent.js';
import { fromWireSearchSpec, toWireSearchSpec } from './search-spec.js';

export const searchStates = createEnumCodec<SearchState, wire.SearchState>({
  pending: wire.SearchState.SEARCH_STATE_PENDING,
  running: wire.SearchState.SEARCH_STATE_RUNNING,
  completed: wire.SearchState.SEARCH_STATE_COMPLETED,
  failed: wire.SearchState.SEARCH_STATE_FAILED,
  cancelled: wire.SearchState.SEARCH_STATE_CANCELLED,
});

export const searchPhases = createEnumCodec<SearchPhase, wire.SearchPhase>({
  preparing: wire.SearchPhase.SEARCH_PHASE_PREPARING,
  baselines: wire.SearchPhase.SEARCH_PHASE_BASELINES,
  searching: wire.SearchPhase.SEARCH_PHASE_SEARCHING,
  finetuning: wire.SearchPhase.SEARCH_PHASE_FINETUNING,
  exporting: wire.SearchPhase.SEARCH_PHASE_EXPORTING,
  done: wire.SearchPhase.SEARCH_PHASE_DONE,
});

export function toWireSearch(record: SearchRecord): wire.Search {
  return {
    id: record.id,
    requestId: record.requestId,
    spec: toWireSearchSpec(record.spec),
    state: searchStates.toWire(record.state),
    phase: searchPhases.toWire(record.phase),
    failure: toWireFailure(record.failure),
    createdAtMs: record.createdAt,
    updatedAtMs: record.updatedAt,
  };
}

export function fromWireSearch(message: wire.Search | undefined, field: string): SearchRecord {
  const search = requireMessage(message, field);
  return {
    id: requireText(search.id, `${field}.id`),
    requestId: requireText(search.requestId, `${field}.request_id`),
    spec: fromWireSearchSpec(search.spec, `${field}.spec`),
    state: searchStates.fromWire(search.state, `${field}.state`),
    phase: searchPhases.fromWire(search.phase, `${field}.phase`),
    failure: fromWireFailure(search.failure, `${field}.failure`),
    createdAt: requireCount(search.createdAtMs, `${field}.created_at_ms`),
    updatedAt: requireCount(search.updatedAtMs, `${field}.updated_at_ms`),
  };
}

export function toWireFailure(failure: SearchFailure | undefined): wire.SearchFailure | undefined {
  return failure === undefined ? undefined : { ...failure };
}

export function fromWireFailure(message: wire.SearchFailure | undefined, field: string): SearchFailure | undefined {
  if (message === undefined) return undefined;
  return {
    kind: limitText(message.kind, `${field}.kind`),
    reason: limitText(message.reason, `${field}.reason`),
    message: limitText(message.message, `${field}.message`),
  };
}
