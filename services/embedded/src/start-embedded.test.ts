import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent, connectHardware } from '@bitwright/client';
import { BitwrightError } from '@bitwright/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainLockedFolder } from './locked-folder.js';
import { startEmbedded, startEvaluators } from './start-embedded.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-embedded-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('everything in one process', () => {
  it('serves over gRPC, keeps its files in the folder, and says to a second process how to reach it', async () => {
    const services = await startEmbedded({ folder, environment: {} });
    const agent = connectAgent(services.agent);
    try {
      expect(await agent.listSearches()).toEqual({ searches: [], nextPageToken: undefined });
      const digest = await agent.artifacts.put(new TextEncoder().encode('a file'));
      expect(await agent.artifacts.has(digest)).toBe(true);
      expect((await readdir(folder)).sort()).toEqual(['agent.address', 'artifacts', 'bitwright.log', 'database']);
      await expect(startEmbedded({ folder, environment: {} })).rejects.toThrow(
        `${folder} is in use by process ${process.pid}; reach the agent that runs there with --address ${services.agent}`,
      );
    } finally {
      agent.close();
      await services.close();
    }
    expect(await readdir(folder)).not.toContain('agent.address');
    expect(await readFile(join(folder, 'bitwright.log'), 'utf8')).toMatch(/"service":"agent".*"listening"/);
  }, 120_000);

  it('can be hardware and quantizer alone, without a database', async () => {
    const services = await startEvaluators({ folder, environment: { BITWRIGHT_ACCELERATORS: 'bismo-cloud' } });
    const hardware = connectHardware(services.hardware);
    try {
      expect((await hardware.list()).map(({ name }) => name)).toEqual(['bismo-cloud']);
      expect(await readdir(folder)).not.toContain('database');
    } finally {
      hardware.close();
      await services.close();
    }
  }, 60_000);

  it('hosts the accelerators of profile files', async () => {
    const profile = join(folder, 'mine.yaml');
    const peak = '{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }';
    await writeFile(profile, `model: roofline\nname: mine\ndramGigabytesPerSecond: 10\npeaks: [${peak}]\n`);
    const environment = { BITWRIGHT_ACCELERATORS: 'bismo-edge', BITWRIGHT_PROFILES: profile };
    const services = await startEvaluators({ folder, environment });
    const hardware = connectHardware(services.hardware);
    try {
      expect((await hardware.list()).map(({ name }) => name)).toEqual(['bismo-edge', 'mine']);
    } finally {
      hardware.close();
      await services.close();
    }
    await writeFile(profile, 'model: roofline\nname: bismo-edge\n');
    const restarting = startEvaluators({ folder, environment });
    await expect(restarting).rejects.toMatchObject({ kind: 'invalid_argument', reason: 'PROFILE' });
  }, 60_000);

  it('refuses settings that cannot be', async () => {
    await expect(startEvaluators({ folder, environment: { BITWRIGHT_WORKERS: 'many' } })).rejects.toThrow(
      /BITWRIGHT_WORKERS.*"many"/,
    );
  });
});

describe('a folder in use', () => {
  const locked = new BitwrightError('failed_precondition', 'FOLDER_IN_USE', 'process 7 on host uses this folder (x)');

  it('is explained with the address of whoever runs there', async () => {
    await writeFile(join(folder, 'agent.address'), '127.0.0.1:4711\n');
    expect(await explainLockedFolder(locked, folder)).toMatchObject({
      reason: 'FOLDER_IN_USE',
      message: expect.stringMatching(/is in use by process 7; .*--address 127\.0\.0\.1:4711.*BITWRIGHT_HOME/),
    });
  });

  it('whose owner is just starting is worth another try', async () => {
    expect(await explainLockedFolder(locked, folder)).toMatchObject({ message: expect.stringContaining('try again') });
  });

  it('is the only error that is changed', async () => {
    const other = new Error('disk full');
    expect(await explainLockedFolder(other, folder)).toBe(other);
  });
});
