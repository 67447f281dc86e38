/** An event on its way: where to, and its bytes. */
export type OutboxEntry = { readonly id: string; readonly subject: string; readonly payload: Uint8Array };

/** What waits to be sent, in order, at most `capacity` entries; beyond it the oldest is dropped. */
export class Outbox {
  readonly #capacity: number;
  readonly #entries: OutboxEntry[] = [];
  #waiting: (() => void)[] = [];
  #dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Entries lost since the outbox was made, because it was full. */
  get dropped(): number {
    return this.#dropped;
  }

  push(entry: OutboxEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) {
      this.#entries.shift();
      this.#dropped += 1;
    }
    this.wake();
  }

  /** The oldest entry; it stays until it is removed. */
  peek(): OutboxEntry | undefined {
    return this.#entries[0];
  }

  /** Takes out an entry that was sent, unless it was dropped meanwhile. */
  remove(entry: OutboxEntry): void {
    if (this.#entries[0] === entry) this.#entries.shift();
    this.wake();
  }

  /** Resolves at the next `push`, `remove` or `wake`. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Lets those who wait for a change look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
