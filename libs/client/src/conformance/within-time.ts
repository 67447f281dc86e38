import { BitwrightError } from '@bitwright/core';

/** The promise's outcome, or `deadline_exceeded` with the sentence when it takes longer. */
export async function withinTime<T>(promise: Promise<T>, limitMs: number, sentence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new BitwrightError('deadline_exceeded', 'CHECK_TIME', sentence);
    timer = setTimeout(() => reject(error), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
