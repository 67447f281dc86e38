import { SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { ACCELERATORS, selectAccelerators } from '../registry.js';
import { BUILT_IN_PROFILES, openBuiltInProfile } from './built-in-profiles.js';
import { formatProfile } from './format-profile.js';
import { openProfile } from './parse-accelerator.js';
import type { TunableProfile } from './physical-constant.js';

/** Without the last digits: a file keeps six of each constant. */
const costsOf = ({ accelerator: { capabilities, layerCost } }: TunableProfile) =>
  SAMPLE_LAYERS.flatMap((layer) =>
    capabilities.weightBits.map((bits) => {
      const cost = layerCost(layer, bits, capabilities.activationBits[0] as number, 1);
      return Object.values(cost).map((figure) => (typeof figure === 'number' ? figure.toPrecision(12) : figure));
    }),
  );

const pair = (weightBits: number, activationBits: number, teraOperationsPerSecond: number) => ({
  ...{ weightBits, activationBits, teraOperationsPerSecond },
});

describe('the profiles that come along', () => {
  it('are those of every accelerator whose model a file can describe', () => {
    const names = ACCELERATORS.map(({ capabilities }) => capabilities.name);
    expect(BUILT_IN_PROFILES).toEqual(names.filter((name) => name !== 'bitfusion'));
    expect(() => openBuiltInProfile('bitfusion')).toThrow(/"bitfusion"; there are bismo-edge, /);
  });

  it.each(BUILT_IN_PROFILES)('say as files what %s is: the same costs, the same validation', (name) => {
    const profile = openBuiltInProfile(name);
    const [accelerator] = selectAccelerators([name]);
    const { version: _, ...capabilities } = profile.accelerator.capabilities;
    expect(accelerator?.capabilities).toMatchObject(capabilities);
    expect(costsOf(profile)).toEqual(
      costsOf({ ...profile, accelerator: accelerator as TunableProfile['accelerator'] }),
    );
  });

  it.each(BUILT_IN_PROFILES)('declare the constants of %s within ranges that hold what it says', (name) => {
    for (const { value, low, high, name: constant } of openBuiltInProfile(name).constants) {
      expect(low, constant).toBeGreaterThan(0);
      expect(value === 0 || (value >= low && value <= high), constant).toBe(true);
    }
  });
});

describe('a tuned profile', () => {
  it.each(BUILT_IN_PROFILES)('has the values given to %s, and as a file the same costs', (name) => {
    const profile = openBuiltInProfile(name);
    const values = Object.fromEntries(profile.constants.map((constant) => [constant.name, 2 * constant.value + 1]));
    const tuned = profile.tune(values);
    expect(Object.fromEntries(tuned.constants.map((constant) => [constant.name, constant.value]))).toEqual(values);
    const remarks = Object.fromEntries(profile.constants.map((constant) => [constant.name, 'fitted']));
    const text = formatProfile(tuned, { name: 'tuned', validation: [], heading: ['Fitted.'], remarks });
    const read = openProfile(text, 'tuned.yaml');
    expect(read.accelerator.capabilities).toMatchObject({ name: 'tuned', validation: [] });
    expect(costsOf(read)).toEqual(costsOf(tuned));
    expect(costsOf(read)).not.toEqual(costsOf(profile));
  });

  it('keeps what its file says besides, comments included, and says what was measured', () => {
    const text =
      '# my board\nmodel: roofline\nname: board # mine\ndramGigabytesPerSecond: 4 # data sheet\npeaks: [{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }]\n';
    const tuned = openProfile(text, 'board.yaml').tune({ dramGigabytesPerSecond: 3, launchMicrosecondsPerLayer: 7 });
    const figure = { source: 'board.json', metric: 'latency', errorPercent: 4.5 };
    const remarks = { dramGigabytesPerSecond: 'was 4', launchMicrosecondsPerLayer: 'was 0' };
    const written = formatProfile(tuned, { name: 'board-2', validation: [figure], heading: ['Fitted.'], remarks });
    expect(written).toContain('# Fitted.\n');
    expect(written).toContain('name: board-2');
    expect(written).toContain('dramGigabytesPerSecond: 3 # was 4\n');
    expect(written).toContain('launchMicrosecondsPerLayer: 7 # was 0\n');
    const { validation, description } = openProfile(written, 'board-2.yaml').accelerator.capabilities;
    expect(validation).toEqual([figure]);
    expect(description).not.toContain('not validated');
  });
});

describe('the peaks of a roofline', () => {
  const profile = openProfile(
    JSON.stringify({
      ...{ model: 'roofline', name: 'board', dramGigabytesPerSecond: 20 },
      peaks: [
        pair(4, 4, 8),
        { ...pair(4, 8, 4), executedWeightBits: 8 },
        { ...pair(8, 4, 4), executedActivationBits: 8 },
        pair(8, 8, 4),
      ],
    }),
    'board.json',
  );
  const peaksOf = ({ constants }: TunableProfile) =>
    Object.fromEntries(constants.filter(({ field }) => field === 'peaks').map(({ name, value }) => [name, value]));

  it('are one constant for each kernel that runs', () => {
    expect(peaksOf(profile)).toEqual({ 'peaks:4/4': 8, 'peaks:8/8': 4 });
    expect(peaksOf(profile.tune({ 'peaks:8/8': 3 }))).toEqual({ 'peaks:4/4': 8, 'peaks:8/8': 3 });
  });

  it('never make more bits faster', () => {
    expect(peaksOf(profile.tune({ 'peaks:4/4': 2 }))).toEqual({ 'peaks:4/4': 2, 'peaks:8/8': 2 });
    // Later values are of the profile, not of what was cut off.
    expect(peaksOf(profile.tune({ 'peaks:4/4': 2 }).tune({ 'peaks:4/4': 6 }))).toEqual({
      'peaks:4/4': 6,
      'peaks:8/8': 4,
    });
  });
});
