import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatConstraint } from '@bitwright/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withConfig } from './config-flag.js';
import { DEMO_FLAGS, withDemoDefaults } from './demo-flags.js';
import { type RawFlags, readFlagValues } from './flag.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-demo-'));
  await writeFile(join(folder, 'demo.yaml'), 'network: resnet-20\nbudget: "energy<=0.5x"\ntrials: 3\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const demo = (raw: RawFlags) => withDemoDefaults(readFlagValues(DEMO_FLAGS, raw));

describe('the demonstration', () => {
  it('says in its help what it does where nothing is said', () => {
    const { budget = [], hardware = [], ...shown } = demo({});
    const standards = { ...shown, hardware: hardware.join(), budget: budget.map(formatConstraint).join() };
    for (const [name, value] of Object.entries(standards)) {
      const { description } = DEMO_FLAGS[name as keyof typeof DEMO_FLAGS];
      expect(description).toContain(`(default ${value}`);
      expect(description.match(/\(default/g)).toHaveLength(1);
    }
    expect(Object.keys(standards).sort()).toEqual(
      ['budget', 'classes', 'dataset', 'hardware', 'image-size', 'network', 'width'].sort(),
    );
  });

  it('takes another network for the same images, with a width of its own, and an ONNX file as it is', () => {
    const other = demo({ network: ['resnet-20'] });
    expect(other).toMatchObject({ network: 'resnet-20', 'image-size': 32, classes: 10, dataset: 'fashion-mnist' });
    expect(other.width).toBeUndefined();
    const { network, width, classes, 'image-size': imageSize } = demo({ model: ['my.onnx'] });
    expect([network, width, classes, imageSize]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('takes a configuration file, whose keys go before its defaults and behind its flags', async () => {
    const given = await withConfig(DEMO_FLAGS, { config: 'demo.yaml', trials: 5 }, folder);
    const { budget = [], ...flags } = withDemoDefaults(given);
    expect(flags).toMatchObject({ network: 'resnet-20', 'image-size': 32, trials: 5, hardware: ['bismo-edge'] });
    expect(budget.map(formatConstraint)).toEqual(['energy<=0.5x']);
  });
});
