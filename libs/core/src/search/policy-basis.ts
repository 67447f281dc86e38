import type { PolicyCost } from '../cost/policy-cost.js';
import type { Layer } from '../network/layers.js';
import type { SearchStore } from '../ports/search-store.js';
import type { SensitivityReport } from '../ports/sensitivity.js';
import type { PreparedTarget } from './prepared-target.js';

/**
 * What a search's policies are computed from. Stored with the search, so that neither a resumed search nor another
 * budget measures again, whether hardware and quantizer are there or not.
 */
export type PolicyBasis = {
  readonly layers: readonly Layer[];
  readonly targets: readonly PreparedTarget[];
  readonly sensitivity: SensitivityReport;
  /** What relative limits refer to, by the hardware itself; absent without a budget, and where earlier versions stored it. */
  readonly reference?: PolicyCost | undefined;
};

/** Undefined where nothing was measured (yet). */
export async function loadBasis(store: SearchStore, searchId: string): Promise<PolicyBasis | undefined> {
  const text = await store.basis(searchId);
  return text === undefined ? undefined : (JSON.parse(text, noHoles) as PolicyBasis);
}

export function saveBasis(store: SearchStore, searchId: string, basis: PolicyBasis): Promise<void> {
  return store.saveBasis(searchId, JSON.stringify(basis));
}

/** JSON has null where a list has nothing: a pair of bits that a table has no cell for. */
const noHoles = (_key: string, value: unknown) =>
  Array.isArray(value) ? value.map((entry) => entry ?? undefined) : value;
