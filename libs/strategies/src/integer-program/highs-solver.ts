import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { BitwrightError } from '@bitwright/core';
import type { LinearModel } from './linear-model.js';

/** What HiGHS found: undefined when no solution exists, or none was found in time. Duals mean nothing for an integer program. */
export type LinearSolution =
  | {
      readonly objective: number;
      /** Whether nothing is better; not where the time for an integer program was over. */
      readonly isProven: boolean;
      readonly colValue: Float64Array;
      /** Reduced costs. */
      readonly colDual: Float64Array;
      readonly rowDual: Float64Array;
    }
  | undefined;

/** Solves linear and integer programs, one after the other, away from this thread. */
export interface LinearSolver {
  /** Throws `internal` `SOLVER_FAILED` when HiGHS gives neither an optimum nor a proof that there is none, though it has time. */
  solve(model: LinearModel): Promise<LinearSolution>;
}

/** For one integer program. Half a second is usual; with several rows and nearly equal values some end after minutes. */
export const TIME_LIMIT_SECONDS = 20;

/**
 * Plain JavaScript, because a thread does not inherit the loader of TypeScript. HiGHS's WebAssembly (3.5 MB) is loaded
 * once; a model is freed when it is solved.
 */
const SOLVE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const OPTIONS = { output_flag: false, mip_rel_gap: 0, mip_abs_gap: 0, random_seed: 0,
    primal_feasibility_tolerance: 1e-9, dual_feasibility_tolerance: 1e-9, mip_feasibility_tolerance: 1e-9 };
  const loaded = require(workerData.highs)();
  parentPort.on('message', async ({ id, model }) => {
    try {
      const highs = await loaded;
      parentPort.postMessage({ id, answer: highs.withModel(model, (solver) => {
        solver.options.set(OPTIONS);
        if (model.integrality) solver.options.set({ time_limit: workerData.timeLimitSeconds });
        solver.run();
        const status = solver.getModelStatus();
        const { optimal, timeLimit, infeasible, unboundedOrInfeasible } = highs.constants.modelStatus;
        // No column is unbounded.
        if (status === infeasible || status === unboundedOrInfeasible) return { kind: 'none' };
        if (status !== optimal && status !== timeLimit) return { kind: 'failed', reason: 'status ' + status };
        const { feasible } = highs.constants.solutionStatus;
        const isFound = status === optimal || solver.info.get('primal_solution_status') === feasible;
        if (!isFound) return { kind: 'none' };
        const { colValue, colDual, rowDual } = solver.getSolution();
        const found = { objective: solver.getObjectiveValue(), isProven: status === optimal };
        return { kind: 'solved', solution: { ...found, colValue, colDual, rowDual } };
      }) });
    } catch (error) {
      parentPort.postMessage({ id, answer: { kind: 'failed', reason: String(error && error.message) } });
    }
  });
`;

type Answer =
  | { readonly kind: 'solved'; readonly solution: NonNullable<LinearSolution> }
  | { readonly kind: 'none' }
  | { readonly kind: 'failed'; readonly reason: string };

type AnswerMessage = { readonly id: number; readonly answer: Answer };

/** HiGHS in a thread that starts with the first program and does not keep the process alive. */
export function createHighsSolver(timeLimitSeconds = TIME_LIMIT_SECONDS): LinearSolver {
  const waiting = new Map<number, (answer: Answer) => void>();
  let worker: Worker | undefined;
  let asked = 0;
  const failAll = (reason: string) => {
    worker = undefined;
    for (const settle of waiting.values()) settle({ kind: 'failed', reason });
    waiting.clear();
  };
  const start = () => {
    const onAnswer = ({ id, answer }: AnswerMessage) => {
      waiting.get(id)?.(answer);
      waiting.delete(id);
      if (waiting.size === 0) started.unref();
    };
    const started = startWorker(timeLimitSeconds, onAnswer, failAll);
    return started;
  };
  return {
    solve: async (model) => {
      worker ??= start();
      worker.ref();
      const id = asked++;
      const answer = await new Promise<Answer>((settle) => {
        waiting.set(id, settle);
        worker?.postMessage({ id, model });
      });
      return solutionOf(answer);
    },
  };
}

function startWorker(
  timeLimitSeconds: number,
  onAnswer: (message: AnswerMessage) => void,
  onEnd: (reason: string) => void,
) {
  const workerData = { highs: createRequire(import.meta.url).resolve('highs'), timeLimitSeconds };
  // The parent's flags (a loader of TypeScript, conditions) are not for this thread.
  const worker = new Worker(SOLVE, { eval: true, execArgv: [], workerData });
  worker.on('message', onAnswer);
  worker.on('error', ({ message }) => onEnd(message));
  worker.on('exit', (code) => onEnd(`the solver's thread ended with ${code}`));
  return worker;
}

function solutionOf(answer: Answer): LinearSolution {
  switch (answer.kind) {
    case 'solved':
      return answer.solution;
    case 'none':
      return undefined;
    case 'failed':
      throw new BitwrightError('internal', 'SOLVER_FAILED', `HiGHS did not solve the program: ${answer.reason}`);
  }
}
