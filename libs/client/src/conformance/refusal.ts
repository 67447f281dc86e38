import { BitwrightError, type ErrorKind } from '@bitwright/core';
import { STATUS_OF_KIND } from '@bitwright/service-kit';
import { Status } from 'nice-grpc-common';

export type ExpectedRefusal = {
  readonly kind: ErrorKind;
  /** Part of the path of the field that the message must name, for example `kernel_height`. */
  readonly field?: string;
};

/** Makes a call that must be refused; gives a sentence when it is not, or not as it should be. */
export async function refusalProblems(
  what: string,
  call: () => Promise<unknown>,
  { kind, field }: ExpectedRefusal,
): Promise<readonly string[]> {
  const wanted = Status[STATUS_OF_KIND[kind]];
  const error = await errorOf(call);
  if (error === undefined) return [`${what} is answered; it must be refused with ${wanted}`];
  if (error.kind !== kind) {
    return [`${what} is refused with ${Status[STATUS_OF_KIND[error.kind]]} (${error.message}), not with ${wanted}`];
  }
  return field === undefined || namesField(error, field)
    ? []
    : [`${what} is refused without naming ${field}: "${error.message}"`];
}

async function errorOf(call: () => Promise<unknown>): Promise<BitwrightError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (error instanceof BitwrightError) return error;
    throw error;
  }
}

/** By the details of the status or, as most languages find easier, in its message; `kernelHeight` will do. */
function namesField({ message, violations }: BitwrightError, field: string): boolean {
  const bare = (text: string) => text.toLowerCase().replaceAll('_', '');
  return [message, ...violations.map((violation) => violation.field)].some((text) => bare(text).includes(bare(field)));
}
