import { type AgentClient, connectAgent, connectQuantizer } from '@bitwright/client';
import type { Report } from '@bitwright/core';
import { type LaunchedService, makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from './services.js';
import { slowerSearch } from './small-search.js';
import { watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let quantizers: readonly LaunchedService[];
let client: AgentClient;
let images: string;
const open: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-two-quantizers-');
  images = await writeSmallFashionMnist(`${temporary.path}/images`);
  const artifacts = `${temporary.path}/artifacts`;
  const [first, second, hardware] = await Promise.all([
    launch('quantizer', { artifacts, 'dataset-roots': temporary.path, workers: 1 }),
    launch('quantizer', { artifacts, 'dataset-roots': temporary.path, workers: 1 }),
    launch('hardware', { accelerators: 'bismo-edge' }),
  ]);
  quantizers = [first, second];
  open.push(first, second, hardware);
  const peers = { quantizer: `${first.address},${second.address}`, hardware: hardware.address };
  const agent = await launch('agent', { database: `${temporary.path}/database`, artifacts, ...peers });
  open.push(agent);
  client = connectAgent(agent.address);
}, 300_000);

afterAll(async () => {
  client?.close();
  for (const one of open.reverse()) await one.stop();
  await temporary.remove();
});

describe('a search with two quantizers', () => {
  it('has actors at both, and goes on with one when the other dies in the middle of an evaluation', async () => {
    const spec = slowerSearch(images, { strategy: { name: 'haq', options: {} }, maxTrials: 6, finalists: 1 });
    const { id } = await client.createSearch(spec);
    const [first] = quantizers as [LaunchedService];
    const updates = watchUntil(client, id);
    await watchUntil(client, id, ({ done }) => done >= 3);
    await first.kill('SIGKILL');
    expect((await updates).at(-1)).toMatchObject({ state: 'completed' });
    const report: Report = await client.getReport(id);
    expect(report.trials.filter(({ role }) => role === 'strategy')).toHaveLength(6);
    expect(report.trials.filter(({ error }) => error !== null)).toEqual([]);
  }, 300_000);

  it('hears from the one that is left what there is', async () => {
    expect((await client.capabilities()).models.length).toBeGreaterThan(0);
    const [, second] = quantizers as [LaunchedService, LaunchedService];
    const { quantizer, close } = connectQuantizer(second.address);
    expect(await quantizer.parallelism()).toBe(1);
    close();
  }, 60_000);
});
