/** Passes on what the source gives, and `undefined` whenever it was silent for `intervalMs`. */
export async function* withHeartbeat<T>(source: AsyncGenerator<T>, intervalMs: number): AsyncGenerator<T | undefined> {
  let pending = source.next();
  try {
    for (;;) {
      const step = await orTimeout(pending, intervalMs);
      if (step === undefined) {
        yield undefined;
        continue;
      }
      if (step.done === true) return;
      yield step.value;
      pending = source.next();
    }
  } finally {
    // The source may be waiting for something that never comes: nobody waits for it.
    void source.return(undefined).catch(() => {});
  }
}

async function orTimeout<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
