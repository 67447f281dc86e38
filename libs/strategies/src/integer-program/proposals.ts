import { BitwrightError } from '@bitwright/core';
import type { Bits } from '../allocation/decisions.js';
import type { Exclusion } from './choice-program.js';
import { chosenPairs, type PolicyProgram, type PolicySolution, solvePolicy } from './policy-program.js';

/** What was proposed so far: all that the next proposal depends on, besides the programs. */
export type ProposalState = {
  /** Steps tried, with or without a proposal. */
  readonly step: number;
  readonly proposed: readonly Bits[];
};

export const NOTHING_PROPOSED: ProposalState = { step: 0, proposed: [] };

/** A policy and where it came from. */
export type ProgramProposal = { readonly bits: Bits; readonly origin: 'solution' | 'cheaper' | 'neighbour' };

/** A step of the budget towards cheaper policies. */
const CHEAPER_BY = 0.04;
/** Share of the layers by which a neighbour differs from everything proposed before. */
const NEIGHBOUR_DISTANCE = 1 / 8;
/** So many steps in a row that bring nothing new end the proposals. */
const STEPS_IN_VAIN = 4;

/**
 * The next policy and the state after it; no proposal when there are no more. First come the programs' own solutions, in
 * their order. Then, in turn, the first program's solution under a smaller budget, so that a front comes out, and its
 * best policy that differs from all before in an eighth of the layers, since what is best on paper need not be on data.
 */
export async function nextProposal(
  programs: readonly PolicyProgram[],
  state: ProposalState,
): Promise<{ readonly proposal: ProgramProposal | undefined; readonly state: ProposalState }> {
  const known = new Set(state.proposed.map((bits) => bits.join()));
  for (let step = state.step; step < state.step + STEPS_IN_VAIN + programs.length; step += 1) {
    const { origin, solution } = await takeStep(programs, step, state.proposed);
    if (solution === undefined || known.has(solution.bits.join())) continue;
    const proposed = [...state.proposed, solution.bits];
    return { proposal: { bits: solution.bits, origin }, state: { step: step + 1, proposed } };
  }
  return { proposal: undefined, state };
}

type Step = { readonly origin: ProgramProposal['origin']; readonly solution: PolicySolution | undefined };

async function takeStep(programs: readonly PolicyProgram[], step: number, proposed: readonly Bits[]): Promise<Step> {
  const own = programs[step];
  if (own !== undefined) return { origin: 'solution', solution: await own.solution() };
  const first = programs[0] as PolicyProgram;
  const turn = step - programs.length;
  const budget = 1 - CHEAPER_BY * (1 + Math.floor(turn / 2));
  if (turn % 2 === 0 && budget > 0) return { origin: 'cheaper', solution: await solvePolicy(first, { budget }) };
  const exclusions = proposed.map((bits) => exclusionOf(first, bits));
  return { origin: 'neighbour', solution: await solvePolicy(first, { exclusions }) };
}

/** Layers that are pinned cannot differ. */
function exclusionOf({ pairs }: PolicyProgram, bits: Bits): Exclusion {
  const free = pairs.filter((ofLayer) => ofLayer.length > 1).length;
  return { chosen: chosenPairs(pairs, bits), distance: Math.max(1, Math.floor(NEIGHBOUR_DISTANCE * free)) };
}

/** Little-endian: steps, length of a policy, then the policies' bits. */
export function writeProposalState({ step, proposed }: ProposalState): Uint8Array {
  const length = proposed[0]?.length ?? 0;
  const bytes = new Uint8Array(8 + length * proposed.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, step, true);
  view.setUint32(4, length, true);
  proposed.forEach((bits, index) => {
    bytes.set(bits, 8 + index * length);
  });
  return bytes;
}

/** Reverses {@link writeProposalState} for policies of `length` bits; throws `data_loss` for anything else. */
export function readProposalState(snapshot: Uint8Array, length: number): ProposalState {
  const bytes = Uint8Array.from(snapshot);
  const view = new DataView(bytes.buffer);
  const isWhole = bytes.length >= 8 && (view.getUint32(4, true) === length || bytes.length === 8);
  if (!isWhole || (bytes.length - 8) % Math.max(1, length) !== 0) {
    throw new BitwrightError('data_loss', 'SNAPSHOT_CORRUPT', 'the snapshot is not one of this strategy');
  }
  const count = (bytes.length - 8) / Math.max(1, length);
  const proposed = Array.from({ length: count }, (_, index) =>
    bytes.slice(8 + index * length, 8 + (index + 1) * length),
  );
  return { step: view.getUint32(0, true), proposed };
}
