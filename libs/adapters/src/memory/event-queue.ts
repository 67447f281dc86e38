import type { BitwrightEvent } from '@bitwright/core';

/** Events that a slow subscriber may leave waiting; beyond it the oldest are dropped. */
export const MAXIMUM_WAITING_EVENTS = 10_000;

/** Hands events from a producer that never waits to one consumer, in order. Keeps at most `capacity` of them. */
export class EventQueue implements AsyncIterable<BitwrightEvent> {
  readonly #capacity: number;
  readonly #waiting: BitwrightEvent[] = [];
  #state: 'open' | 'finishing' | 'stopped' = 'open';
  #wake: () => void = () => undefined;
  #endWait: () => void = () => undefined;
  #stopped: () => void = () => undefined;

  constructor(capacity = MAXIMUM_WAITING_EVENTS) {
    this.#capacity = capacity;
  }

  push(event: BitwrightEvent): void {
    if (this.#state !== 'open') return;
    if (this.#waiting.length >= this.#capacity) this.#waiting.shift();
    this.#waiting.push(event);
    this.#wake();
  }

  /** Resolves when `push` would drop nothing, or at `endWait`. One producer may wait. */
  async room(): Promise<void> {
    if (this.#state !== 'open' || this.#waiting.length < this.#capacity) return;
    await new Promise<void>((resolve) => {
      this.#endWait = resolve;
    });
  }

  /** Lets the producer that waits for room go on without. */
  endWait(): void {
    this.#endWait();
  }

  /** No more will come; what waits is still handed out. */
  finish(): void {
    if (this.#state === 'open') this.#state = 'finishing';
    this.#wake();
  }

  /** The consumer wants no more; what waits is dropped. */
  stop(): void {
    this.#state = 'stopped';
    this.#stopped();
    this.#wake();
    this.#endWait();
  }

  /** Whether the consumer wants no more. */
  get isStopped(): boolean {
    return this.#state === 'stopped';
  }

  /** Called once the consumer is through, for whatever reason. */
  onStop(stopped: () => void): void {
    this.#stopped = stopped;
    if (this.#state === 'stopped') stopped();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<BitwrightEvent, void, undefined> {
    try {
      for (let event = await this.#next(); event !== undefined; event = await this.#next()) yield event;
    } finally {
      this.stop();
    }
  }

  async #next(): Promise<BitwrightEvent | undefined> {
    while (this.#state !== 'stopped') {
      const event = this.#waiting.shift();
      this.#endWait();
      if (event !== undefined || this.#state === 'finishing') return event;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return undefined;
  }
}
