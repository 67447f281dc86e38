/** An event on its way: where to, and its bytes. */
export type OutboxEntry = {
  readonly id: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  /** Told when the entry was sent, or never can be; whoever waits for that keeps the event, so it is not dropped here. */
  readonly onSent?: (() => void) | undefined;
};

/** What waits to be sent, in order, at most `capacity` entries; beyond it the oldest that nobody waits for is dropped. */
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
    if (this.#entries.length > this.#capacity) this.#dropOldest();
    this.wake();
  }

  /** The oldest entry; it stays until it is removed. */
  peek(): OutboxEntry | undefined {
    return this.#entries[0];
  }

  /** Takes out an entry that was sent, or that nobody wants sent any more, unless it was dropped meanwhile. */
  remove(entry: OutboxEntry): void {
    const position = this.#entries.indexOf(entry);
    if (position >= 0) this.#entries.splice(position, 1);
    this.wake();
  }

  /** Resolves at the next `push`, `remove` or `wake`. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #dropOldest(): void {
    const position = this.#entries.findIndex(({ onSent }) => onSent === undefined);
    if (position < 0) return;
    this.#entries.splice(position, 1);
    this.#dropped += 1;
  }

  /** Lets those who wait for a change look again. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
