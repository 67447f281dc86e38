/** Disposable things by key; when there are too many, the one not used for longest is disposed of. */
export interface SessionCache extends Disposable {
  get<T extends Disposable>(key: string, create: () => T): T;
}

/** A cache that keeps at most `capacity` entries. A key always stands for one type. */
export function createSessionCache(capacity: number): SessionCache {
  const entries = new Map<string, Disposable>();
  return {
    get: <T extends Disposable>(key: string, create: () => T): T => {
      const known = entries.get(key) as T | undefined;
      entries.delete(key);
      const [oldest] = entries.keys();
      if (known === undefined && oldest !== undefined && entries.size >= capacity) {
        entries.get(oldest)?.[Symbol.dispose]();
        entries.delete(oldest);
      }
      const entry = known ?? create();
      entries.set(key, entry);
      return entry;
    },
    [Symbol.dispose]: () => {
      for (const entry of entries.values()) entry[Symbol.dispose]();
      entries.clear();
    },
  };
}
