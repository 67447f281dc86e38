import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS, HARDWARE_COMMANDS } from './commands/index.js';

const text = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const named = [
  ...COMMANDS.map((command) => ({ verb: command.name, command })),
  ...HARDWARE_COMMANDS.map((command) => ({ verb: `hardware ${command.name}`, command })),
];

/** Words in code type in the first cells of the rows below a heading, and in their second cells. */
function rowsBelow(heading: string): readonly (readonly [first: readonly string[], second: readonly string[]])[] {
  const table = text.slice(text.indexOf(heading)).split('\n\n')[0] ?? '';
  const words = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word.replaceAll('\\|', '|'));
  return table
    .split('\n')
    .slice(2)
    .map((row) => row.split(/(?<!\\)\|/))
    .map(([, first, second]) => [words(first), words(second)] as const);
}

describe('docs/cli.md', () => {
  it('names every verb', () => {
    const verbs = rowsBelow('| verb | what it does').flatMap(([first]) =>
      first.map((word) => word.replace(/ [A-Z<].*/, '')),
    );
    expect([...new Set(verbs)].filter((verb) => !verb.startsWith('serve ')).sort()).toEqual(
      [...new Set(named.map(({ verb }) => verb))].sort(),
    );
  });

  it('says of flags that are shared which commands take them', () => {
    const rows = rowsBelow('| flags | taken by');
    expect(rows.length).toBeGreaterThan(3);
    for (const [flags, verbs] of rows) {
      for (const flag of flags) {
        const taking = named.filter(({ command }) => flag.slice(2) in command.flags).map(({ verb }) => verb);
        expect({ flag, verbs }).toEqual({ flag, verbs: taking });
      }
    }
  });

  it('names no flag that no command has', () => {
    const settings = ['--json', '--help', '--tables', '--profiles', '--dataset-roots', '--final-'];
    const known = new Set([
      ...named.flatMap(({ command }) => Object.keys(command.flags).map((name) => `--${name}`)),
      ...settings,
    ]);
    const flags = [...text.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([flag]) => flag);
    expect(flags.length).toBeGreaterThan(30);
    expect(flags.filter((flag) => !known.has(flag))).toEqual([]);
  });

  it('says of every command what its JSON document has', () => {
    const commands = rowsBelow('| command | keys of its document').flatMap(([first]) => first);
    expect([...commands].sort()).toEqual(named.map(({ verb }) => verb).sort());
  });
});
