import { describe, expect, it } from 'vitest';
import { explainNodeVersion } from './node-version.mjs';

describe('the Node version', () => {
  it.each(['20.17.0', '20.20.2', '22.0.0', '22.21.1'])('accepts %s', (version) => {
    expect(explainNodeVersion(version, '>=20.17 <23')).toBeUndefined();
  });

  it.each(['18.20.4', '20.16.9', '21.7.0', '23.1.0', '24.0.0'])(
    'refuses %s in one sentence that says what to do',
    (version) => {
      const sentence = explainNodeVersion(version, '>=20.17 <23');
      expect(sentence).toContain(`not on ${version}`);
      expect(sentence).toContain('nvm install 20');
      expect(sentence.split('\n')).toHaveLength(1);
    },
  );
});
