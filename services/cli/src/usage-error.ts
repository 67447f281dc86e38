import { BitwrightError } from '@bitwright/core';
import type { CommanderError } from 'commander';

/** What commander found wrong with a command line, as an error like any other. */
export function toUsageError({ code, message }: CommanderError): BitwrightError {
  if (code === 'commander.help') return usageError('a command is missing; --help lists those that there are');
  const description = message.replace(/^error: /, '');
  const field = fieldOf(code, description);
  return usageError(description, field === undefined ? [] : [{ field, description }]);
}

const usageError = (message: string, violations: BitwrightError['violations'] = []) =>
  new BitwrightError('invalid_argument', 'USAGE', message, { violations });

/** Commander names what is wrong in its sentence alone. */
function fieldOf(code: string, description: string): string | undefined {
  const [, name] = /'(-*[\w-]+)/.exec(description) ?? [];
  if (name?.startsWith('--') === true) return name;
  return code === 'commander.missingArgument' && name !== undefined ? `<${name}>` : undefined;
}
