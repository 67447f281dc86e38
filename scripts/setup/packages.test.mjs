import { describe, expect, it } from 'vitest';
import { matchesLockfile } from './packages.mjs';

const wanted = {
  '': { version: '1.0.0' },
  'libs/core': { version: '0.1.0' },
  'node_modules/a': { version: '1.2.3' },
  'node_modules/@bitwright/core': { link: true },
  'node_modules/only-for-mac': { version: '2.0.0', optional: true },
};
const installed = { 'node_modules/a': { version: '1.2.3' }, 'node_modules/@bitwright/core': { link: true } };

describe('the installed packages', () => {
  it('match when every package has its version, optional ones aside', () => {
    expect(matchesLockfile(wanted, installed)).toBe(true);
  });

  it('do not match when one is missing, of another version or not a link', () => {
    const link = installed['node_modules/@bitwright/core'];
    expect(matchesLockfile(wanted, {})).toBe(false);
    expect(matchesLockfile(wanted, { ...installed, 'node_modules/a': { version: '1.2.4' } })).toBe(false);
    expect(matchesLockfile(wanted, { 'node_modules/@bitwright/core': link })).toBe(false);
    expect(matchesLockfile(wanted, { ...installed, 'node_modules/@bitwright/core': {} })).toBe(false);
  });
});
