import { setImmediate } from 'node:timers/promises';
import { createRandomSource, type RandomSource } from '@bitwright/core';
import { type AgentState, createDdpgAgent, type DdpgAgent, initialAgentState } from './ddpg/ddpg-agent.js';
import type { HaqOptions } from './haq-options.js';
import { ReplayBuffer } from './replay-buffer.js';
import type { Trajectory, Walk } from './walk.js';

/** All that a learner has taken in; `agent` is undefined until the first update. */
export type LearnerState = {
  /** What the networks are drawn from when they are first needed. */
  readonly networkSeed: number;
  readonly baseline: number | undefined;
  readonly position: number;
  readonly rows: Float64Array;
  readonly agent: AgentState | undefined;
};

/** HAQ's agent with its memory: fills the replay, moves the baseline, updates the networks. */
export class Learner {
  readonly #options: HaqOptions;
  readonly #walk: Walk;
  #networkSeed: number;
  readonly #replay: ReplayBuffer;
  #baseline: number | undefined;
  #agentState: AgentState | undefined;
  #agent: DdpgAgent | undefined;

  constructor(options: HaqOptions, walk: Walk, layers: number, networkSeed: number) {
    this.#options = options;
    this.#walk = walk;
    this.#networkSeed = networkSeed;
    this.#replay = new ReplayBuffer(options.replayPerLayer * layers);
  }

  /** μ(s_t). */
  async act(step: number, memory: Trajectory['memories'][number]): Promise<number> {
    const state = new Float32Array(this.#walk.stateSize);
    this.#walk.writeState(step, memory, state, 0);
    return (await this.#ready()).act(state);
  }

  /**
   * Takes in an episode: every transition gets the terminal reward, and after each that is stored the networks are
   * updated, unless it is still warm-up.
   */
  async learn(
    { actions, memories }: Trajectory,
    reward: number,
    isWarmUp: boolean,
    random: RandomSource,
  ): Promise<void> {
    for (const [step, action] of actions.entries()) {
      const memory = memories[step] as Trajectory['memories'][number];
      this.#replay.push({ step, memory, action, reward, next: memories[step + 1] });
      if (isWarmUp) continue;
      for (let update = 0; update < this.#options.updatesPerTransition; update += 1) {
        await this.#update(random);
        await setImmediate();
      }
    }
  }

  read(): LearnerState {
    const agent = this.#agent?.read() ?? this.#agentState;
    return {
      networkSeed: this.#networkSeed,
      ...this.#replay.read(),
      baseline: this.#baseline,
      agent: agent !== undefined && agent.updates > 0 ? agent : undefined,
    };
  }

  write({ networkSeed, baseline, position, rows, agent }: LearnerState): void {
    this.#networkSeed = networkSeed;
    this.#baseline = baseline;
    this.#replay.write(position, rows);
    this.#agentState = agent ?? this.#initialAgent();
    this.#agent?.write(this.#agentState);
  }

  /** One update from a minibatch whose rewards are taken relative to their moving average B. */
  async #update(random: RandomSource): Promise<void> {
    const agent = await this.#ready();
    const batch = this.#replay.sample(this.#options.batchSize, this.#walk, random);
    const mean = batch.reward.reduce((sum, reward) => sum + reward, 0) / batch.reward.length;
    this.#baseline =
      this.#baseline === undefined ? mean : this.#baseline + this.#options.baselineRate * (mean - this.#baseline);
    const baseline = this.#baseline;
    agent.update({ ...batch, reward: batch.reward.map((reward) => reward - baseline) });
  }

  async #ready(): Promise<DdpgAgent> {
    if (this.#agent !== undefined) return this.#agent;
    this.#agent = await createDdpgAgent(this.#sizes(), this.#agentState ?? this.#initialAgent());
    return this.#agent;
  }

  #sizes() {
    return { ...this.#options, state: this.#walk.stateSize };
  }

  #initialAgent(): AgentState {
    return initialAgentState(this.#sizes(), createRandomSource(this.#networkSeed));
  }
}
