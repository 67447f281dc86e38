import { BitwrightError, invalidField, type SearchRecord, type SearchRequest, type Trial } from '@bitwright/core';
import { canonicalJson } from './canonical-json.js';

/** `not_found` for a search that the store does not hold. */
export function searchNotFound(searchId: string): BitwrightError {
  return new BitwrightError('not_found', 'SEARCH_NOT_FOUND', `there is no search ${searchId}`);
}

/** `failed_precondition` for a call after `close`. */
export function storeClosed(): BitwrightError {
  return new BitwrightError('failed_precondition', 'STORE_CLOSED', 'the search store is closed');
}

/** `already_exists` for a search id that another request took. */
export function searchIdTaken(searchId: string): BitwrightError {
  return new BitwrightError('already_exists', 'SEARCH_ID_TAKEN', `there is already a search ${searchId}`);
}

/** The stored record when the repeated request asks for the same; throws `already_exists` when it does not. */
export function sameRequest(stored: SearchRecord, asked: SearchRequest): SearchRecord {
  if (canonicalJson(stored.spec) === canonicalJson(asked.spec)) return stored;
  const message = `request id ${asked.requestId} was used for search ${stored.id} with another specification`;
  throw new BitwrightError('already_exists', 'REQUEST_ID_REUSED', message);
}

/** Throws `invalid_argument` for trials of another search or with an index that is not a whole number from 0. */
export function assertTrialsOf(searchId: string, trials: readonly Trial[]): void {
  trials.forEach((trial, position) => {
    if (trial.searchId !== searchId) {
      throw invalidField(`trials[${position}].search_id`, `is ${trial.searchId}, not ${searchId}`, 'TRIAL_SEARCH');
    }
    if (!Number.isSafeInteger(trial.index) || trial.index < 0) {
      throw invalidField(`trials[${position}].index`, `is ${trial.index}; use a whole number from 0`, 'TRIAL_INDEX');
    }
  });
}
