import { BitwrightError } from '@bitwright/core';

/** What Ctrl-C ends a command with when there is more to say than that: what is kept, and how to go on. */
export const stoppedError = (message: string) => new BitwrightError('cancelled', STOPPED, message);

/** The reason of these errors; others that are cancelled say nothing that a user does not know. */
export const STOPPED = 'STOPPED';
