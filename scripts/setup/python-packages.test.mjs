import { afterEach, describe, expect, it, vi } from 'vitest';
import { askPython, getPackagesFolder, pythonPackagesStep } from './python-packages.mjs';

afterEach(() => vi.unstubAllEnvs());

describe('gRPC for Python', () => {
  it('has a folder for each Python, in the cache', () => {
    const folder = (tag) => getPackagesFolder({ tag }, { BITWRIGHT_CACHE: '/c' });
    expect(folder('cpython-311')).toMatch(/^\/c\/python-packages\/grpcio-[0-9.]+-cpython-311$/);
    expect(folder('cpython-312')).not.toBe(folder('cpython-311'));
  });

  it('asks the interpreter that the user names', () => {
    expect(askPython({ BITWRIGHT_PYTHON: '/nowhere/python' })).toBeUndefined();
    expect(askPython()).toMatchObject({ tag: expect.stringMatching(/^[a-z]+-\d+$/), version: [3, expect.any(Number)] });
  });

  it('says in one sentence that there is no Python, and how to get one', () => {
    vi.stubEnv('BITWRIGHT_PYTHON', '/nowhere/python');
    expect(pythonPackagesStep.isDone()).toBe(false);
    expect(() => pythonPackagesStep.check()).toThrow(
      /^The tests need Python and \/nowhere\/python could not be run; install Python 3\.10 to 3\.14 .* again\.$/,
    );
  });
});
