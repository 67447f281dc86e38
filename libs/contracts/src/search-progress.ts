import { invalidField, type MeasuringProgress, type SearchProgress, type SearchWait } from '@bitwright/core';
import { fromWirePolicyCost, optionalAmount, toWirePolicyCost } from './cost.js';
import { limitText, requireAmount, requireCount, requireShare, requireText } from './fields.js';
import type * as wire from './gen/bitwright/agent/v1/agent.js';
import { LIMITS } from './limits.js';
import { fromWirePolicy, toWirePolicy } from './policy.js';
import { fromWireFailure, searchPhases, searchStates, toWireFailure } from './search-record.js';
import { fromWireTrial, toWireTrial } from './trial.js';

type Best = NonNullable<SearchProgress['best']>;

/** One update of a watched search: the progress, and the token that resumes after it. */
export function toWireWatchUpdate(progress: SearchProgress): wire.WatchSearchResponse {
  return { progress: toWireProgress(progress), resumeToken: toResumeToken(progress.sequence) };
}

/** What is sent when nothing happens, so that both sides know that the other is there. */
export function toWireHeartbeat(sequence: number): wire.WatchSearchResponse {
  return { progress: undefined, resumeToken: toResumeToken(sequence) };
}

/** `undefined` for a heartbeat. */
export function fromWireWatchUpdate(message: wire.WatchSearchResponse, field: string): SearchProgress | undefined {
  if (message.progress === undefined) return undefined;
  const sequence = fromResumeToken(message.resumeToken, `${field}.resume_token`);
  return fromWireProgress(message.progress, sequence, `${field}.progress`);
}

/** The token after the update with this sequence number. */
export function toResumeToken(sequence: number): string {
  return sequence.toString();
}

/** The sequence number of the last update seen; 0 for an empty token: all from the beginning. */
export function fromResumeToken(token: string, field: string): number {
  if (token === '') return 0;
  if (/^[0-9]{1,15}$/.test(token)) return Number(token);
  throw invalidField(field, 'is not a token that WatchSearch gave', 'RESUME_TOKEN');
}

function toWireProgress(progress: SearchProgress): wire.SearchProgress {
  const { searchId, done, total, evaluationsPerSecond, etaSeconds, best, latest } = progress;
  return {
    ...{ searchId, done, total, evaluationsPerSecond, etaSeconds },
    state: searchStates.toWire(progress.state),
    phase: searchPhases.toWire(progress.phase),
    best: best === undefined ? undefined : toWireBest(best),
    latest: latest === undefined ? undefined : toWireTrial(latest),
    failure: toWireFailure(progress.failure),
    waitingFor: toWireWait(progress.waitingFor),
    measuring: progress.measuring,
  };
}

function fromWireProgress(message: wire.SearchProgress, sequence: number, field: string): SearchProgress {
  const searchId = requireText(message.searchId, `${field}.search_id`);
  const { best, latest } = message;
  return {
    searchId,
    sequence,
    state: searchStates.fromWire(message.state, `${field}.state`),
    phase: searchPhases.fromWire(message.phase, `${field}.phase`),
    done: requireCount(message.done, `${field}.done`),
    total: requireCount(message.total, `${field}.total`),
    evaluationsPerSecond: requireAmount(message.evaluationsPerSecond, `${field}.evaluations_per_second`),
    etaSeconds: optionalAmount(message.etaSeconds, `${field}.eta_seconds`),
    best: best === undefined ? undefined : fromWireBest(best, `${field}.best`),
    latest: latest === undefined ? undefined : fromWireTrial(latest, searchId, `${field}.latest`),
    failure: fromWireFailure(message.failure, `${field}.failure`),
    waitingFor: fromWireWait(message.waitingFor, `${field}.waiting_for`),
    measuring: fromWireMeasuring(message.measuring, `${field}.measuring`),
  };
}

function toWireWait(wait: SearchWait | undefined): wire.SearchWait | undefined {
  return wait && { peer: wait.peer, sinceMs: wait.since, untilMs: wait.until, reason: wait.reason };
}

function fromWireWait(message: wire.SearchWait | undefined, field: string): SearchWait | undefined {
  if (message === undefined) return undefined;
  return {
    peer: requireText(message.peer, `${field}.peer`, LIMITS.text),
    since: requireCount(message.sinceMs, `${field}.since_ms`),
    until: requireCount(message.untilMs, `${field}.until_ms`),
    reason: limitText(message.reason, `${field}.reason`),
  };
}

function fromWireMeasuring(message: wire.MeasuringProgress | undefined, field: string): MeasuringProgress | undefined {
  if (message === undefined) return undefined;
  return {
    phase: limitText(message.phase, `${field}.phase`, LIMITS.name),
    done: requireCount(message.done, `${field}.done`),
    total: requireCount(message.total, `${field}.total`),
    etaSeconds: optionalAmount(message.etaSeconds, `${field}.eta_seconds`),
  };
}

function toWireBest({ accuracy, origin, cost, policy }: Best): wire.BestPolicy {
  return { accuracy, origin, cost: toWirePolicyCost(cost), policy: toWirePolicy(policy) };
}

function fromWireBest(message: wire.BestPolicy, field: string): Best {
  return {
    accuracy: requireShare(message.accuracy, `${field}.accuracy`),
    origin: requireText(message.origin, `${field}.origin`),
    cost: fromWirePolicyCost(message.cost, `${field}.cost`),
    policy: fromWirePolicy(message.policy, `${field}.policy`),
  };
}
