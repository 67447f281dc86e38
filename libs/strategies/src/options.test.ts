import { expect, test } from 'vitest';
import { booleanOption, choiceOption, defineOptions, integerOption, numberOption, switchesOption } from './options.js';

const options = defineOptions({
  episodes: integerOption('how many there are', { default: 60, minimum: 1, maximum: 600 }),
  rate: numberOption('how fast; by default as fast as the search is short', { default: undefined, minimum: 0 }),
  start: choiceOption('where it begins', ['seeded', 'random'], 'seeded'),
  fill: booleanOption('whether all is spent', true),
  compat: switchesOption('what the reference does', ['one', 'two']),
});

test('each option says what it is, what may be written and what it is by default', () => {
  expect(options.list).toEqual([
    { name: 'episodes', description: 'how many there are', values: 'a whole number from 1 to 600', default: '60' },
    expect.objectContaining({ name: 'rate', values: 'a number of at least 0', default: undefined }),
    expect.objectContaining({ name: 'start', values: 'one of seeded, random', default: 'seeded' }),
    expect.objectContaining({ name: 'fill', values: 'true or false', default: 'true' }),
    expect.objectContaining({ values: 'true, false or an object of switches: one, two', default: 'false' }),
  ]);
});

test('options that are not given have their defaults', () => {
  const compat = { one: false, two: false };
  expect(options.read({})).toEqual({ episodes: 60, rate: undefined, start: 'seeded', fill: true, compat });
});

test('given options are taken', () => {
  const given = { episodes: 5, rate: 0.1, start: 'random', fill: false, compat: { two: true } };
  expect(options.read(given)).toEqual({ ...given, compat: { one: false, two: true } });
});

test('true turns all switches on', () => {
  expect(options.read({ compat: true }).compat).toEqual({ one: true, two: true });
});

test.each([
  [{ episodes: 2.5 }, 'spec.strategy.options.episodes: is 2.5; use a whole number from 1 to 600'],
  [{ episodes: 0 }, 'spec.strategy.options.episodes: is 0; use a whole number from 1 to 600'],
  [{ rate: Number.NaN }, 'spec.strategy.options.rate: is null; use a number of at least 0'],
  [{ start: 'warm' }, 'spec.strategy.options.start: is "warm"; use one of seeded, random'],
  [{ fill: 1 }, 'spec.strategy.options.fill: is 1; use true or false'],
  [{ compat: { three: true } }, 'spec.strategy.options.compat: is {"three":true}; use true, false or an object of'],
  [{ compat: 'all' }, 'spec.strategy.options.compat: is "all"; use true, false or an object of switches'],
  [{ episode: 5 }, 'spec.strategy.options.episode: is no option; there are episodes, rate, start, fill, compat'],
])('%j is refused with what to write instead', (given, message) => {
  expect(() => options.read(given)).toThrow(message);
});

test('all wrong fields are named at once, as invalid_argument', () => {
  const refused = expect.objectContaining({
    kind: 'invalid_argument',
    violations: [
      expect.objectContaining({ field: 'spec.strategy.options.unknown' }),
      expect.objectContaining({ field: 'spec.strategy.options.fill' }),
    ],
  });
  expect(() => options.read({ unknown: 1, fill: 'no' })).toThrow(refused);
});
