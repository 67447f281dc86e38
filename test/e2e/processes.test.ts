import { connectNatsEventBus } from '@bitwright/adapters';
import { connectAgent, connectHardware } from '@bitwright/client';
import { deriveLayers, type HardwareFeedback, uniformPolicy } from '@bitwright/core';
import {
  collectEvents,
  commandOf,
  type LaunchedService,
  launchNatsServer,
  makeTemporaryFolder,
  openHealthProbe,
  startServer,
  waitUntil,
} from '@bitwright/testing';
import { buildZooNetwork } from '@bitwright/zoo';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listServices } from './list-services.js';
import { launch, mainOf, SERVICES, type ServiceName, type Settings, toFlags } from './services.js';

const NETWORK = buildZooNetwork({
  ...{ network: 'mobilenet-v2', width: 1, imageSize: 224, channels: 3, classes: 1000, outputStride: 32 },
});
const LAYERS = deriveLayers(NETWORK);
const NAMES = Object.keys(SERVICES) as ServiceName[];

const running = new Map<ServiceName, LaunchedService>();
const open: { stop(): Promise<void> }[] = [];
let folder = '';

const serviceOf = (name: ServiceName) => running.get(name) as LaunchedService;

function settingsOf(name: ServiceName): Settings {
  if (name === 'hardware') return {};
  return name === 'agent'
    ? { database: `${folder}/database`, artifacts: `${folder}/artifacts` }
    : { artifacts: `${folder}/artifacts`, workers: 1 };
}

/** Runs a service that is expected to end by itself. */
async function runToEnd(name: ServiceName, flags: readonly string[], environment: Record<string, string> = {}) {
  const server = await startServer(process.execPath, [...commandOf(mainOf(name)), ...flags], {
    env: { ...process.env, ...environment },
  });
  await waitUntil(`${name} to end`, () => server.hasEnded(), 60_000);
  return { code: server.exitCode(), output: server.output() };
}

beforeAll(async () => {
  const temporary = await makeTemporaryFolder();
  open.push({ stop: temporary.remove });
  folder = temporary.path;
  const launched = await Promise.all(NAMES.map(async (name) => [name, await launch(name, settingsOf(name))] as const));
  for (const [name, service] of launched) {
    running.set(name, service);
    open.push(service);
  }
}, 300_000);

afterAll(async () => {
  for (const one of open.reverse()) await one.stop();
});

describe.each(NAMES)('the %s service', (name) => {
  it('says by grpc.health.v1 that it serves, as a whole and by the name of what it serves', async () => {
    const probe = openHealthProbe(serviceOf(name).address);
    const answers = await Promise.all(['', ...SERVICES[name]].map((service) => probe.check(service)));
    const unknown = await probe.check('bitwright.unknown.v1.Service');
    probe.close();
    expect(answers.every((answer) => answer === 'SERVING')).toBe(true);
    expect(unknown).not.toBe('SERVING');
  });

  it('lists what it serves by reflection', async () => {
    expect((await listServices(serviceOf(name).address)).toSorted()).toEqual([...SERVICES[name]].sort());
  });

  it('names every wrong setting at once, with where it came from, and exits with 2', async () => {
    const flags = ['--listen', 'nowhere', '--drain-seconds', '-1', '--no-such-flag'];
    const { code, output } = await runToEnd(name, flags, { BITWRIGHT_LOG_LEVEL: 'loud' });
    expect(code).toBe(2);
    for (const named of ['--listen', 'host:port', '--drain-seconds', '--no-such-flag', 'BITWRIGHT_LOG_LEVEL', 'loud']) {
      expect(output).toContain(named);
    }
  }, 300_000);
});

describe('a service', () => {
  it('exits with 1 and names the address when another process listens there', async () => {
    const { address } = serviceOf('hardware');
    const { code, output } = await runToEnd('hardware', ['--listen', address]);
    expect(code).toBe(1);
    expect(output).toContain(`hardware cannot start: cannot listen on ${address}`);
  }, 300_000);
});

describe('the agent', () => {
  it('is refused a database folder that another agent has open, and says so', async () => {
    const { code, output } = await runToEnd('agent', [...toFlags(settingsOf('agent')), '--listen', '127.0.0.1:0']);
    expect(code).toBe(1);
    expect(output).toMatch(/agent cannot start: .*database/);
  }, 300_000);

  it('says that it cannot reach the quantizer when there is none', async () => {
    const other = await makeTemporaryFolder();
    await using agent = await launch('agent', {
      ...{ database: `${other.path}/database`, artifacts: `${other.path}/artifacts`, quantizer: '127.0.0.1:1' },
    });
    const client = connectAgent(agent.address);
    const creating = client.createSearch({
      model: { kind: 'zoo', network: 'mobilenet-v1', width: 0.25, imageSize: 32, classes: 10 },
      dataset: { name: 'fashion-mnist' },
      hardware: [{ name: 'bismo-edge' }],
    });
    await expect(creating).rejects.toMatchObject({ kind: 'unavailable' });
    client.close();
    await agent.stop();
    await other.remove();
  }, 300_000);
});

describe('SIGTERM', () => {
  it('lets a stream of policies end and then exits with 0', async () => {
    const service = await launch('hardware');
    const hardware = connectHardware(service.address);
    const target = await hardware.open('bismo-edge');
    const policies = Array.from({ length: 200 }, (_, index) => uniformPolicy(LAYERS.length, 1 + (index % 8)));
    let ended: Promise<number | null> | undefined;
    const answers: HardwareFeedback[] = [];
    for await (const feedback of target.evaluate(LAYERS, policies)) {
      // No more than a window of policies is under way: the service has most of them still before it.
      if (answers.push(feedback) === 20) ended = service.kill('SIGTERM');
    }
    hardware.close();
    expect(answers).toHaveLength(200);
    expect(await ended).toBe(0);
  }, 300_000);

  it('is announced as hardware.stopped, and comes after hardware.started', async () => {
    await using nats = await launchNatsServer();
    const bus = await connectNatsEventBus({ url: nats.url });
    const collector = collectEvents(bus);
    const service = await launch('hardware', { nats: nats.url, accelerators: 'bismo-cloud' });
    await waitUntil('the start to be announced', () => collector.events.length === 1);
    expect(await service.kill('SIGTERM')).toBe(0);
    await waitUntil('the end to be announced', () => collector.events.length === 2);
    await collector.stop();
    await bus.close();
    const seen = collector.events.map(({ kind, subject, attributes }) => ({
      kind,
      subject,
      address: attributes['address'],
    }));
    expect(seen).toEqual([
      { kind: 'hardware.started', subject: 'bismo-cloud', address: service.address },
      { kind: 'hardware.stopped', subject: 'bismo-cloud', address: service.address },
    ]);
  }, 300_000);

  it('ends the agent and the quantizer with 0, too', async () => {
    expect(await serviceOf('agent').kill('SIGTERM')).toBe(0);
    expect(await serviceOf('quantizer').kill('SIGTERM')).toBe(0);
  }, 300_000);
});
