import { EVENT_KINDS } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { subjectOf, subjectsOf } from './subjects.js';

const event = { id: '1', kind: 'trial.evaluated', subject: 'search-1', time: 0, attributes: {} } as const;

describe('the subject of an event', () => {
  it('names the entity, what it happened to, and what happened', () => {
    expect(subjectOf(event)).toBe('bitwright.v1.trial.search-1.evaluated');
    expect(subjectOf({ ...event, kind: 'search.completed' })).toBe('bitwright.v1.search.search-1.completed');
  });

  it.each(['', '*', '>', 'a.b', 'a b', '.', 'ä', 'x'.repeat(500), '$SYS', '_x', 'a\nb'])(
    'has five plain tokens whatever the text %j holds',
    (subject) => {
      expect(subjectOf({ ...event, subject })).toMatch(/^bitwright\.v1\.trial\.[A-Za-z0-9_-]+\.evaluated$/);
    },
  );

  it('differs for texts that differ', () => {
    const texts = ['a.b', 'a b', 'a_b', 'ab', '_ab', Buffer.from('a.b').toString('base64url')];
    expect(new Set(texts.map((subject) => subjectOf({ ...event, subject }))).size).toBe(texts.length);
  });
});

describe('the subjects of a filter', () => {
  it.each([
    [{}, 'bitwright.v1.*.*.*'],
    [{ kind: 'trial.failed' }, 'bitwright.v1.trial.*.failed'],
    [{ subject: 's' }, 'bitwright.v1.*.s.*'],
    [{ kind: 'search.started', subject: 's' }, 'bitwright.v1.search.s.started'],
  ] as const)('of %j are %s', (filter, subjects) => {
    expect(subjectsOf(filter)).toBe(subjects);
  });

  it('hold the subject of an event of that kind', () => {
    for (const kind of EVENT_KINDS) {
      expect(subjectsOf({ kind, subject: 'a.b' })).toBe(subjectOf({ ...event, kind, subject: 'a.b' }));
    }
  });
});
