import { describe, expect, it } from 'vitest';
import { fakeSurroundings } from '../surroundings.test-support.js';
import { readFlagValues } from './flag.js';
import { PROFILE_FLAGS, withProfiles } from './profile-flag.js';

const { surroundings } = fakeSurroundings({ folder: '/runs', environment: { HOME: '/home/me' } });

describe('profile files on the command line', () => {
  it('reach the services inside the command by absolute paths, after those of the environment', () => {
    const once = withProfiles(surroundings, ['npu.yaml', '/etc/gpu.yaml'], undefined);
    expect(once.environment).toEqual({ HOME: '/home/me', BITWRIGHT_PROFILES: '/runs/npu.yaml,/etc/gpu.yaml' });
    expect(withProfiles(once, ['more.yaml'], undefined).environment['BITWRIGHT_PROFILES']).toBe(
      '/runs/npu.yaml,/etc/gpu.yaml,/runs/more.yaml',
    );
  });

  it('change nothing when there are none, wherever the services run', () => {
    expect(withProfiles(surroundings, undefined, '127.0.0.1:7003')).toBe(surroundings);
  });

  it('are refused where the services run elsewhere, with what to do there', () => {
    const refused = () => withProfiles(surroundings, ['npu.yaml'], '127.0.0.1:7003');
    expect(refused).toThrow(/--hardware-profile: .* 127\.0\.0\.1:7003; start that one with --profiles/);
  });

  it.each(['', ' ', 'a,b.yaml'])('cannot have the path "%s"', (path) => {
    expect(() => readFlagValues(PROFILE_FLAGS, { 'hardware-profile': [path] })).toThrow(/whose path has no comma/);
  });
});
