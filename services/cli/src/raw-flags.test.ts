import { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { rawFlagsOf } from './raw-flags.js';

function read(...argv: string[]) {
  const command = new Command('learn');
  for (const flag of ['--no-pin', '--seed <n>', '--json']) command.addOption(new Option(flag));
  return rawFlagsOf(command.parse(argv, { from: 'user' }));
}

it('has what was written and nothing else, also of flags that begin with "no"', () => {
  expect(read()).toEqual({});
  expect(read('--seed', '2', '--json')).toEqual({ seed: '2' });
  expect(read('--no-pin')).toEqual({ 'no-pin': [''] });
});
