import { cancelledError } from '@bitwright/core';

/** Throws `cancelled` when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelledError();
}

/**
 * The items of `source`, until the signal fires: then throws `cancelled`, also while the next item is awaited, and
 * closes the source without waiting for it.
 */
export async function* untilCancelled<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let exhausted = false;
  try {
    while (true) {
      throwIfCancelled(signal);
      const next = iterator.next();
      const result = next instanceof Promise ? await orCancelled(next, signal) : await next;
      exhausted = result.done === true;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    if (!exhausted) closeQuietly(iterator);
  }
}

/** The promise's outcome, or `cancelled` if the signal fires first. The listener goes when either happens. */
async function orCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const cancel = () => reject(cancelledError());
    signal.addEventListener('abort', cancel, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel));
  });
}

/** A source that hangs, or that fails while it is closed, must not hide why the work ended. */
function closeQuietly(iterator: AsyncIterator<unknown> | Iterator<unknown>): void {
  Promise.resolve(iterator.return?.()).catch(() => undefined);
}
