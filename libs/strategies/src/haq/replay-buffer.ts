import type { RandomSource } from '@bitwright/core';
import type { Batch } from './ddpg/ddpg-agent.js';
import type { Memory, Walk } from './walk.js';

/** A step that was taken, and what the episode ended with. States are kept as step and memory, and rebuilt. */
export type Transition = {
  readonly step: number;
  readonly memory: Memory;
  readonly action: number;
  readonly reward: number;
  /** What the next state remembers; undefined after the last step. */
  readonly next: Memory | undefined;
};

const COLUMNS = 7;

/** The last transitions, the oldest overwritten first. */
export class ReplayBuffer {
  readonly #capacity: number;
  readonly #rows: Float64Array;
  #size = 0;
  #position = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#rows = new Float64Array(capacity * COLUMNS);
  }

  get size(): number {
    return this.#size;
  }

  push({ step, memory, action, reward, next }: Transition): void {
    const row = [step, memory.previous, memory.flag, action, reward, next?.previous ?? Number.NaN, next?.flag ?? 0];
    this.#rows.set(row, this.#position * COLUMNS);
    this.#position = (this.#position + 1) % this.#capacity;
    this.#size = Math.min(this.#size + 1, this.#capacity);
  }

  /** Transitions drawn at random, each once where there are enough. */
  sample(count: number, walk: Walk, random: RandomSource): Batch {
    const batch = emptyBatch(count, walk.stateSize);
    const rows = this.#draw(count, random);
    for (const [sample, row] of rows.entries()) this.#copyInto(batch, sample, row * COLUMNS, walk);
    return batch;
  }

  read(): { readonly position: number; readonly rows: Float64Array } {
    return { position: this.#position, rows: this.#rows.slice(0, this.#size * COLUMNS) };
  }

  write(position: number, rows: Float64Array): void {
    this.#rows.set(rows);
    this.#size = rows.length / COLUMNS;
    this.#position = position;
  }

  #draw(count: number, random: RandomSource): readonly number[] {
    if (count > this.#size) return Array.from({ length: count }, () => random.integer(this.#size));
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(random.integer(this.#size));
    return [...drawn];
  }

  #copyInto(batch: Batch, sample: number, row: number, walk: Walk): void {
    const at = (column: number) => this.#rows[row + column] as number;
    const step = at(0);
    walk.writeState(step, { previous: at(1), flag: at(2) }, batch.state, sample * walk.stateSize);
    batch.action[sample] = at(3);
    batch.reward[sample] = at(4);
    const isLast = Number.isNaN(at(5));
    batch.notDone[sample] = isLast ? 0 : 1;
    if (!isLast) walk.writeState(step + 1, { previous: at(5), flag: at(6) }, batch.nextState, sample * walk.stateSize);
  }
}

function emptyBatch(count: number, stateSize: number): Batch {
  const columns = () => new Float32Array(count);
  const states = () => new Float32Array(count * stateSize);
  return { state: states(), action: columns(), reward: columns(), nextState: states(), notDone: columns() };
}
