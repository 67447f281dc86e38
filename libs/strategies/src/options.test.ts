import { expect, test } from 'vitest';
import { booleanOption, choiceOption, integerOption, numberOption, readOptions, switchesOption } from './options.js';

const readers = {
  episodes: integerOption({ default: 60, minimum: 1, maximum: 600 }),
  rate: numberOption({ default: undefined, minimum: 0 }),
  start: choiceOption(['seeded', 'random'], 'seeded'),
  fill: booleanOption(true),
  compat: switchesOption(['one', 'two']),
};

test('options that are not given have their defaults', () => {
  const compat = { one: false, two: false };
  expect(readOptions({}, readers)).toEqual({ episodes: 60, rate: undefined, start: 'seeded', fill: true, compat });
});

test('given options are taken', () => {
  const given = { episodes: 5, rate: 0.1, start: 'random', fill: false, compat: { two: true } };
  expect(readOptions(given, readers)).toEqual({ ...given, compat: { one: false, two: true } });
});

test('true turns all switches on', () => {
  expect(readOptions({ compat: true }, readers).compat).toEqual({ one: true, two: true });
});

test.each([
  [{ episodes: 2.5 }, 'spec.strategy.options.episodes: is 2.5; use a whole number'],
  [{ episodes: 0 }, 'spec.strategy.options.episodes: is 0; use a number from 1 to 600'],
  [{ rate: Number.NaN }, 'spec.strategy.options.rate: is null; use a number of at least 0'],
  [{ start: 'warm' }, 'spec.strategy.options.start: is "warm"; use one of seeded, random'],
  [{ fill: 1 }, 'spec.strategy.options.fill: is 1; use true or false'],
  [{ compat: { three: true } }, 'spec.strategy.options.compat: has {"three":true}; use true, false or an object of'],
  [{ compat: 'all' }, 'spec.strategy.options.compat: has {"":"all"}; use true, false or an object of switches'],
  [{ episode: 5 }, 'spec.strategy.options.episode: is no option; there are episodes, rate, start, fill, compat'],
])('%j is refused with what to write instead', (options, message) => {
  expect(() => readOptions(options, readers)).toThrow(message);
});

test('all wrong fields are named at once, as invalid_argument', () => {
  const refused = expect.objectContaining({
    kind: 'invalid_argument',
    violations: [
      expect.objectContaining({ field: 'spec.strategy.options.unknown' }),
      expect.objectContaining({ field: 'spec.strategy.options.fill' }),
    ],
  });
  expect(() => readOptions({ unknown: 1, fill: 'no' }, readers)).toThrow(refused);
});
