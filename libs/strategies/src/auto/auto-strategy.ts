import type { Proposal, SearchStrategy, StrategyContext, StrategyDefinition, TrialOutcome } from '@bitwright/core';
import { haqStrategy } from '../haq/haq-strategy.js';
import { sensitivityStrategy } from '../sensitivity/sensitivity-strategy.js';
import { AUTO_OPTIONS } from './auto-options.js';
import { SIZE_PROJECTION } from './size-projection.js';
import { readAutoSnapshot, writeAutoSnapshot } from './snapshot.js';

/** The integer program first, which needs no trials to be good; then HAQ, which learns from what these turned out to be. */
export const autoStrategy: StrategyDefinition = {
  name: 'auto',
  description: 'an exact integer program on measured sensitivities, then HAQ refines what it found',
  options: AUTO_OPTIONS.list,
  measures: (options) => [AUTO_OPTIONS.read(options).measure],
  controls: [SIZE_PROJECTION],
  create: (context) => createAuto(context),
  solve: ({ problem, options }) => sensitivityStrategy.solve({ problem, options: programOptions(options) }),
  explain: (report, options) => sensitivityStrategy.explain(report, programOptions(options)),
};

const programOptions = (options: StrategyContext['options']) => ({ measure: AUTO_OPTIONS.read(options).measure });

/** Of HAQ's share, the part that it starts at policies of its own: what the program had measured is in its replay. */
const WARM_UP_SHARE = 1 / 8;

function createAuto({ problem, random, options }: StrategyContext): SearchStrategy {
  const { programShare, haq: haqOptions } = AUTO_OPTIONS.read(options);
  const opening = Math.max(1, Math.round(programShare * problem.maxTrials));
  const refinements = Math.max(1, problem.maxTrials - opening);
  const program = sensitivityStrategy.create({ problem, random, options: programOptions(options) });
  const warmUp = Math.max(1, Math.round(WARM_UP_SHARE * refinements));
  const refined = { ...problem, maxTrials: refinements };
  const haq = haqStrategy.create({ problem: refined, random, options: { warmUp, ...haqOptions } });
  let asked = 0;
  let isProgramDone = false;

  const next = async (): Promise<readonly Proposal[]> => {
    if (asked < opening && !isProgramDone) {
      const solutions = await program.ask(1);
      if (solutions.length > 0) return solutions;
      isProgramDone = true;
    }
    return haq.ask(1);
  };
  return {
    ask: async (count) => {
      const proposals: Proposal[] = [];
      while (proposals.length < count) {
        proposals.push(...(await next()));
        asked += 1;
      }
      return proposals;
    },
    tell: async (outcomes: readonly TrialOutcome[]) => {
      await program.tell(outcomes);
      await haq.tell(outcomes);
    },
    snapshot: () => writeAutoSnapshot({ asked, isProgramDone, program: program.snapshot(), haq: haq.snapshot() }),
    restore: (snapshot) => {
      const state = readAutoSnapshot(snapshot);
      ({ asked, isProgramDone } = state);
      program.restore(state.program);
      haq.restore(state.haq);
    },
  };
}
