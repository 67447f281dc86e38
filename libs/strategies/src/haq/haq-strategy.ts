import { setImmediate } from 'node:timers/promises';
import {
  createRandomSource,
  deriveSeed,
  type Proposal,
  type RandomSource,
  type SearchProblem,
  type SearchStrategy,
  type StrategyContext,
  type StrategyDefinition,
  type TrialOutcome,
} from '@bitwright/core';
import { type Bits, decisionChoices, toBits, toPolicy } from '../allocation/decisions.js';
import { fillBudget } from '../allocation/fill-budget.js';
import { marginalPolicy } from '../allocation/marginal-policy.js';
import { currentPricing, type Pricing } from '../allocation/pricing.js';
import { createNoiseModel, evenSensitivities, type NoiseModel } from '../allocation/quantization-noise.js';
import { actionWall, referenceWall } from './action-wall.js';
import { explorationDeviation, truncatedNormal } from './exploration-noise.js';
import { HAQ_OPTIONS, type HaqOptions, readHaqOptions } from './haq-options.js';
import { Learner } from './learner.js';
import { createQuality, type Measured, type Quality } from './quality.js';
import { type Seed, seedPolicies, startMeasures } from './seed-policies.js';
import { drawSensitivities } from './sensitivity-fit.js';
import { type PendingEpisode, readHaqSnapshot, writeHaqSnapshot } from './snapshot.js';
import { createWalk, type Trajectory, type Walk } from './walk.js';

/** HAQ (Wang et al., CVPR 2019): a DDPG agent that decides every layer's bits under a hard budget. */
export const haqStrategy: StrategyDefinition = {
  name: 'haq',
  description: 'hardware-aware automated quantization: a DDPG agent under a hard budget (Wang et al., 2019)',
  options: HAQ_OPTIONS.list,
  measures: ({ start }) => startMeasures(start),
  create: (context) => new HaqStrategy(context),
};

/** Draws of a policy before one that was proposed already is proposed again. */
const REDRAWS = 8;
/** Steps of a walk between two pauses for the event loop. */
const STEPS_AT_ONCE = 8;

class HaqStrategy implements SearchStrategy {
  readonly #problem: SearchProblem;
  readonly #options: HaqOptions;
  readonly #noise: NoiseModel;
  readonly #quality: Quality;
  readonly #walk: Walk;
  readonly #learner: Learner;
  #random: RandomSource;
  readonly #priced: () => Promise<Pricing>;
  #seeds: { readonly pricing: Pricing; readonly all: readonly Seed[] } | undefined;
  /** Episodes proposed and told so far. */
  #episode = 0;
  #told = 0;
  #pending: PendingEpisode[] = [];
  /** Pending episodes of a restored snapshot, to be proposed again first. */
  #repeats: PendingEpisode[] = [];
  #measured: Measured[] = [];
  #failed: Bits[] = [];
  #proposed = new Set<string>();
  #last: Trajectory | undefined;

  constructor({ problem, random, options }: StrategyContext) {
    this.#problem = problem;
    this.#priced = currentPricing(problem);
    this.#options = readHaqOptions(options, problem);
    this.#noise = createNoiseModel(problem);
    this.#quality = createQuality(this.#options, problem);
    this.#walk = createWalk(problem, decisionChoices(problem.space), this.#options);
    this.#random = random;
    const networkSeed = deriveSeed(random.state()[0] ?? 0, 'networks');
    this.#learner = new Learner(this.#options, this.#walk, problem.layers.length, networkSeed);
  }

  async ask(count: number): Promise<readonly Proposal[]> {
    const proposals: Proposal[] = [];
    while (proposals.length < count) {
      const episode = this.#repeats.shift() ?? (await this.#nextEpisode());
      this.#pending.push(episode);
      proposals.push({ policy: toPolicy(this.#problem.space, episode.bits), origin: episode.origin });
    }
    return proposals;
  }

  async tell(outcomes: readonly TrialOutcome[]): Promise<void> {
    for (const { proposal, ...outcome } of outcomes) {
      const bits = toBits(proposal.policy);
      const trajectory = this.#takePending(bits)?.trajectory ?? this.#walk.trajectoryOf(bits);
      const isWarmUp = this.#told < this.#options.warmUp + (this.#options.compat.inclusiveWarmUp ? 1 : 0);
      this.#told += 1;
      const loss = this.#quality.lossOf(outcome);
      if (loss === undefined) {
        this.#failed.push(bits);
        continue;
      }
      this.#measured.push({ bits, ...outcome });
      this.#proposed.add(bits.join());
      await this.#learner.learn(trajectory, this.#quality.reward(loss), isWarmUp, this.#random);
    }
  }

  snapshot(): Uint8Array {
    return writeHaqSnapshot({
      episode: this.#episode,
      told: this.#told,
      random: this.#random.state(),
      pending: [...this.#pending, ...this.#repeats],
      measured: this.#measured,
      failed: this.#failed,
      last: this.#last,
      learner: this.#learner.read(),
    });
  }

  restore(snapshot: Uint8Array): void {
    const state = readHaqSnapshot(snapshot);
    this.#episode = state.episode;
    this.#told = state.told;
    this.#random = createRandomSource(state.random);
    this.#pending = [];
    this.#repeats = [...state.pending];
    this.#measured = [...state.measured];
    this.#failed = [...state.failed];
    const seen = [...state.pending, ...state.measured].map(({ bits }) => bits);
    this.#proposed = new Set([...seen, ...state.failed].map((bits) => bits.join()));
    this.#last = state.last;
    this.#learner.write(state.learner);
  }

  #takePending(bits: Bits): PendingEpisode | undefined {
    const index = this.#pending.findIndex((episode) => episode.bits.join() === bits.join());
    return index < 0 ? undefined : this.#pending.splice(index, 1)[0];
  }

  /** Seeds first, then random policies until the warm-up is over, then the actor's, in turn with guided ones. */
  async #nextEpisode(): Promise<PendingEpisode> {
    const seed = await this.#nextSeed();
    const draw = seed === undefined ? this.#drawing() : async () => this.#planned(seed.bits, seed.origin);
    let episode = await draw();
    for (let redraw = 0; redraw < REDRAWS && this.#proposed.has(episode.bits.join()); redraw += 1)
      episode = await draw();
    this.#proposed.add(episode.bits.join());
    this.#episode += 1;
    this.#last = episode.trajectory;
    return episode;
  }

  async #nextSeed(): Promise<Seed | undefined> {
    if (this.#options.start === 'random' || this.#episode >= Math.max(1, this.#options.warmUp)) return undefined;
    const pricing = await this.#priced();
    if (this.#seeds?.pricing !== pricing)
      this.#seeds = { pricing, all: await seedPolicies(pricing, this.#noise, this.#options.start) };
    return this.#seeds.all[this.#episode];
  }

  #drawing(): () => Promise<PendingEpisode> {
    const after = this.#episode - this.#options.warmUp;
    if (after < 0) return () => this.#walkThrough('warm-up', async () => this.#random.uniform());
    const { guidedShare } = this.#options;
    const isGuided = Math.floor((after + 1) * guidedShare) > Math.floor(after * guidedShare);
    if (isGuided && this.#measured.length > 0) return () => this.#guided();
    const deviation = explorationDeviation(this.#episode, this.#options);
    return () =>
      this.#walkThrough('actor', async (step, memory) =>
        truncatedNormal(await this.#learner.act(step, memory), deviation, this.#random),
      );
  }

  /** An episode: an action at each step, the wall after the last. */
  async #walkThrough(
    origin: string,
    choose: (step: number, memory: Trajectory['memories'][number]) => Promise<number>,
  ): Promise<PendingEpisode> {
    const { decisions } = this.#walk;
    const bits = Uint8Array.from(decisionChoices(this.#problem.space), (choices) => choices.at(-1) as number);
    const actions = new Float32Array(decisions.length);
    const memories = [this.#walk.firstMemory(this.#last)];
    for (const [step, decision] of decisions.entries()) {
      const action = await choose(step, memories[step] as Trajectory['memories'][number]);
      actions[step] = action;
      bits[decision] = this.#walk.choiceFor(step, action);
      if (step + 1 < decisions.length) memories.push(this.#walk.memoryAfter(step, action));
      if (step % STEPS_AT_ONCE === 0) await setImmediate();
    }
    const chosen = bits.slice();
    const executed = await this.#enforceBudget(bits);
    if (this.#options.compat.chosenActions) return { origin, bits: executed, trajectory: { actions, memories } };
    return { origin, bits: executed, trajectory: this.#executedTrajectory(executed, chosen, actions) };
  }

  /** What the wall left of the episode; actions that it did not touch stay as they were drawn. */
  #executedTrajectory(executed: Bits, chosen: Bits, actions: Float32Array): Trajectory {
    const trajectory = this.#walk.trajectoryOf(executed);
    this.#walk.decisions.forEach((decision, step) => {
      if (executed[decision] === chosen[decision]) trajectory.actions[step] = actions[step] as number;
    });
    return { ...trajectory, memories: [this.#walk.firstMemory(this.#last), ...trajectory.memories.slice(1)] };
  }

  async #enforceBudget(bits: Bits): Promise<Bits> {
    const pricing = await this.#priced();
    const { compat } = this.#options;
    if (compat.pinOnlyOverBudget || compat.rawInputAsSevenBits) referenceWall(pricing, bits, compat);
    actionWall(pricing, bits);
    return this.#options.fillBudget
      ? fillBudget(pricing, this.#noise, evenSensitivities(this.#problem.layers.length), bits)
      : bits;
  }

  /** A policy by marginal cost, with sensitivities drawn from what was measured. */
  async #guided(): Promise<PendingEpisode> {
    const losses = this.#measured.map((measured) => ({
      bits: measured.bits,
      loss: this.#quality.lossOf(measured) ?? 0,
    }));
    const { error } = this.#quality;
    const sensitivities = drawSensitivities(this.#problem, this.#noise, { error, losses }, this.#random);
    return this.#planned(await marginalPolicy(await this.#priced(), this.#noise, sensitivities), 'guided');
  }

  #planned(bits: Bits, origin: string): PendingEpisode {
    return { origin, bits, trajectory: this.#walk.trajectoryOf(bits) };
  }
}
