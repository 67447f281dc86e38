import { BitwrightError } from '@bitwright/core';
import { readAddress } from './address-file.js';

/** Tells who has the folder and how to reach its agent; any other error stays as it is. */
export async function explainLockedFolder(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof BitwrightError) || error.reason !== 'FOLDER_IN_USE') return error;
  const holder = /^(another process|process \d+)/.exec(error.message)?.[1] ?? 'another process';
  const address = await readAddress(folder);
  const wayIn =
    address === undefined
      ? 'wait until it has started and try again'
      : `reach the agent that runs there with --address ${address}`;
  const message = `${folder} is in use by ${holder}; ${wayIn}, or choose another folder with BITWRIGHT_HOME`;
  return new BitwrightError('failed_precondition', 'FOLDER_IN_USE', message, { cause: error });
}
