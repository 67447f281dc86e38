import { setTimeout as sleep } from 'node:timers/promises';
import { connectNatsEventBus } from '@bitwright/adapters';
import { type AgentClient, connectAgent } from '@bitwright/client';
import type { PartialSearchSpec } from '@bitwright/core';
import {
  collectEvents,
  type LaunchedService,
  launchNatsServer,
  makeTemporaryFolder,
  type NatsServer,
  type TemporaryFolder,
  waitUntil,
} from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';
import { launch, type Settings } from './services.js';
import { smallSearch } from './small-search.js';
import { watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let temporary: TemporaryFolder;
let nats: NatsServer;
let quantizer: LaunchedService;
let agent: LaunchedService;
let client: AgentClient;
let hardware: LaunchedService | undefined;
let spec: PartialSearchSpec;
const open: { stop(): Promise<void> }[] = [];

/** An agent that knows no hardware but what announces itself. */
async function launchAgent(folder: string, settings: Settings = {}): Promise<LaunchedService> {
  const peers = { quantizer: quantizer.address, hardware: '', nats: nats.url };
  const storage = { database: `${folder}/database`, artifacts: `${temporary.path}/artifacts` };
  const launched = await launch('agent', { ...storage, ...peers, ...settings });
  open.push(launched);
  return launched;
}

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-discovery-');
  nats = await launchNatsServer();
  open.push(nats);
  quantizer = await launch('quantizer', {
    ...{ artifacts: `${temporary.path}/artifacts`, 'dataset-roots': temporary.path, workers: 1 },
  });
  open.push(quantizer);
  agent = await launchAgent(`${temporary.path}/patient`);
  client = connectAgent(agent.address);
  const effort = { calibrationSamples: 64, finetuneSamples: 64, finetuneEpochs: 1, validationSamples: 64 };
  const fidelity = { ...effort, learningRate: 0.001, batchSize: 64 };
  const data = { name: await writeSmallFashionMnist(`${temporary.path}/images`) };
  const small = { maxTrials: 1, finalists: 1, trialFidelity: fidelity, finalFidelity: fidelity };
  spec = smallSearch({ ...small, dataset: data, strategy: { name: 'random', options: {} } });
}, 300_000);

afterAll(async () => {
  client?.close();
  for (const one of open.reverse()) await one.stop();
  await temporary.remove();
});

const targetsOf = async () => (await client.capabilities()).hardware.map(({ name }) => name);

/** A search that stands still before it has measured much: it prepares anew when it is resumed. */
async function createAndCancel(by: AgentClient): Promise<string> {
  const { id } = await by.createSearch(spec);
  await by.cancelSearch(id);
  return id;
}

/** Dies in the middle of a call: it was asked and has not answered. */
async function killWhileAsked(service: LaunchedService, ask: () => Promise<unknown>): Promise<void> {
  process.kill(service.pid(), 'SIGSTOP');
  await ask();
  await sleep(300);
  await service.kill('SIGKILL');
}

describe('an agent that was there first', () => {
  it('has no hardware, and says so', async () => {
    expect(await targetsOf()).toEqual([]);
    await expect(client.createSearch(spec)).rejects.toMatchObject({
      kind: 'not_found',
      message: expect.stringContaining('there is no hardware "bismo-edge"'),
    });
  }, 60_000);

  it('lists a backend that joins later, and where it was found', async () => {
    hardware = await launch('hardware', { accelerators: 'bismo-edge', nats: nats.url, 'announce-seconds': 1 });
    open.push(hardware);
    await waitUntil('the backend to be found', async () => (await targetsOf()).includes('bismo-edge'));
    const { code, stdout } = await runBitwright('', 'hardware', 'list', '--address', agent.address);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        new RegExp(`bismo-edge +simulated +latency, energy +1-8 +1-8 +\\S+ +${hardware.address} +announced +serving`),
      ),
    });
  }, 300_000);
});

describe('a backend that dies before it answered', () => {
  let bus: Awaited<ReturnType<typeof connectNatsEventBus>>;
  let events: ReturnType<typeof collectEvents>;
  beforeAll(async () => {
    bus = await connectNatsEventBus({ url: nats.url });
    events = collectEvents(bus);
  });
  afterAll(async () => {
    await events.stop();
    await bus.close();
  });

  it('pauses a search, which says so, refuses new ones, and goes on to its end when it is back', async () => {
    const backend = hardware as LaunchedService;
    const id = await createAndCancel(client);
    await killWhileAsked(backend, () => client.resumeSearch(id));
    const paused = await watchUntil(client, id, ({ waitingFor }) => waitingFor !== undefined);
    const reason = expect.stringContaining(`hardware "bismo-edge" at ${backend.address} does not answer`);
    expect(paused.at(-1)).toMatchObject({ state: 'running', waitingFor: { peer: 'hardware bismo-edge', reason } });

    await expect(client.createSearch({ ...spec, seed: 2 })).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining(backend.address),
    });
    const { stdout } = await runBitwright('', 'show', id, '--address', agent.address);
    expect(stdout).toMatch(/^state +waiting for hardware bismo-edge since \d\d:\d\d:\d\d$/m);
    const lost = () => events.distinct().filter(({ kind }) => kind === 'hardware.lost');
    await waitUntil('it to be given up', () => lost().length === 1, 20_000);
    expect(lost()[0]).toMatchObject({ subject: 'bismo-edge', attributes: { address: backend.address } });

    await backend.start();
    const after = await watchUntil(client, id);
    expect(after.at(-1)).toMatchObject({ state: 'completed', waitingFor: undefined });
    const found = events.distinct().filter(({ kind }) => kind === 'hardware.found');
    expect(found.map(({ subject }) => subject)).toEqual(['bismo-edge']);
  }, 300_000);

  it('fails a search that has waited long enough, with its name, its address and the time', async () => {
    const backend = hardware as LaunchedService;
    const hasty = connectAgent((await launchAgent(`${temporary.path}/hasty`, { 'patience-seconds': 1 })).address);
    const id = await createAndCancel(hasty);
    await killWhileAsked(backend, () => hasty.resumeSearch(id));
    const updates = await watchUntil(hasty, id);
    hasty.close();
    const { state, failure } = updates.at(-1) ?? {};
    expect(state).toBe('failed');
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(failure?.message).toMatch(
      new RegExp(`^waited \\d s for hardware bismo-edge in vain: hardware "bismo-edge" .*${backend.address}`),
    );
  }, 300_000);
});

describe('an agent whose quantizer is away', () => {
  it('still knows its hardware and strategies, and says why it knows no models and data sets', async () => {
    await quantizer.kill('SIGKILL');
    await hardware?.start();
    await waitUntil('the backend to be found', async () => (await targetsOf()).includes('bismo-edge'), 60_000);
    const listed = await runBitwright('', 'hardware', 'list', '--address', agent.address);
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('bismo-edge') });
    const known = await runBitwright('', 'strategies', 'haq', '--address', agent.address);
    expect(known).toMatchObject({ code: 0, stdout: expect.stringMatching(/noise +σ0 .*\(default 0\.5\)/) });
    for (const asked of ['models', 'datasets']) {
      const { code, stderr } = await runBitwright('', asked, '--address', agent.address);
      const answer = { code, stderr };
      expect(answer).toEqual({ code: 5, stderr: expect.stringContaining("the agent's quantizer does not answer: ") });
    }
  }, 120_000);
});
