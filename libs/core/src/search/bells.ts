/** One watcher's bell. A ring before the answer of `next` is awaited is not lost. */
type Bell = { next(): Promise<void>; close(): void };

/** Wakes those who watch a search. */
export class Bells {
  readonly #ringers = new Map<string, Set<() => void>>();

  ring(searchId: string): void {
    for (const wake of this.#ringers.get(searchId) ?? []) wake();
  }

  /** Rings when something was stored of the search, and when the signal fires. */
  open(searchId: string, signal: AbortSignal): Bell {
    const ringers = this.#ringers.get(searchId) ?? new Set();
    this.#ringers.set(searchId, ringers);
    let wake = () => {};
    const ring = () => wake();
    ringers.add(ring);
    signal.addEventListener('abort', ring, { once: true });
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    const close = () => {
      ringers.delete(ring);
      signal.removeEventListener('abort', ring);
      if (ringers.size === 0) this.#ringers.delete(searchId);
    };
    return { next, close };
  }
}
