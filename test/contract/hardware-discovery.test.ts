import { setTimeout as sleep } from 'node:timers/promises';
import {
  announceHardware,
  EVENT_STREAM,
  HARDWARE_ANNOUNCED,
  HARDWARE_ASKED,
  hardwareHandlers,
  type OpenHardwareOptions,
  openHardware,
} from '@bitwright/adapters';
import { decodeAnnouncement, encodeAnnouncement, HardwareServiceDefinition } from '@bitwright/contracts';
import type { HardwareAnnouncement } from '@bitwright/core';
import { createLocalCatalog } from '@bitwright/hardware-kit';
import { createBitProductAccelerator } from '@bitwright/hardware-kit/testing';
import { createServer, type GrpcServer } from '@bitwright/service-kit';
import { launchNatsServer, type NatsServer, waitUntil } from '@bitwright/testing';
import { connect } from 'nats';
import { afterEach, describe, expect, it } from 'vitest';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function launch(options: Parameters<typeof launchNatsServer>[0] = {}): Promise<NatsServer> {
  const server = await launchNatsServer(options);
  open.push(server.stop);
  return server;
}

/** Real targets behind real gRPC. */
async function serve(names: readonly string[], address = '127.0.0.1:0') {
  const server = createServer();
  const accelerators = names.map((name) => createBitProductAccelerator({ name }));
  server.add(HardwareServiceDefinition, hardwareHandlers(createLocalCatalog(accelerators)));
  const bound = await server.listen(address);
  open.push(() => server.close(0));
  return { server, address: bound };
}

const INTERVAL_MS = 200;

function announcementOf(instanceId: string, address: string, names: readonly string[]) {
  const targets = names.map((name) => ({ name, version: '1', provenance: 'simulated' as const }));
  return { instanceId, address, version: '0.1.0', targets, intervalMs: INTERVAL_MS };
}

async function announce(url: string, announcement: Omit<HardwareAnnouncement, 'leaving'>) {
  const announcer = await announceHardware({ url, announcement, onNotice: () => {} });
  open.push(announcer.close);
  return announcer;
}

/** Says nothing by itself for a minute. */
async function serveAndAnnounceSeldom(nats: NatsServer, id: string, name: string) {
  const { address } = await serve([name]);
  await announce(nats.url, { ...announcementOf(id, address, [name]), intervalMs: 60_000 });
  return { address };
}

async function serveAndAnnounce(nats: NatsServer, id: string, ...names: string[]) {
  const { server, address } = await serve(names);
  const announcer = await announce(nats.url, announcementOf(id, address, names));
  return { server, address, announcer };
}

async function discover(nats: NatsServer | undefined, change: Partial<OpenHardwareOptions> = {}) {
  const told: string[] = [];
  const notices: string[] = [];
  const { hardware, close } = await openHardware({
    ...{ addresses: [], nats: nats?.url, onNotice: (notice) => notices.push(notice) },
    onFound: ({ instanceId }) => told.push(`found ${instanceId}`),
    onLost: ({ instanceId }) => told.push(`lost ${instanceId}`),
    ...change,
  });
  open.push(close);
  const names = async () => (await hardware.survey()).targets.map(({ name }) => name);
  const isThere = async (name: string) => (await names()).includes(name);
  return { hardware, close, names, isThere, told, notices };
}

async function listen(nats: NatsServer, subject: string) {
  const connection = await connect({ servers: nats.url });
  open.push(() => connection.close());
  const heard: Uint8Array[] = [];
  connection.subscribe(subject, { callback: (_error, { data }) => heard.push(data) });
  await connection.flush();
  return { connection, heard };
}

/** A process that is killed: it says nothing more, and nobody answers. */
async function die(
  { server, announcer }: { server: GrpcServer; announcer: { close(): Promise<void> } },
  nats: NatsServer,
) {
  await nats.kill();
  await announcer.close();
  await server.close(0);
  await nats.start();
}

describe('hardware that announces itself', () => {
  it('is found whether it was there before or joins later, with what it can do, and is used', async () => {
    const nats = await launch();
    const first = await serveAndAnnounceSeldom(nats, 'first', 'near');
    await sleep(300);
    const { hardware, names, isThere, told } = await discover(nats);
    expect(await names()).toEqual(['near']);
    const later = await serveAndAnnounce(nats, 'later', 'far', 'wide');
    await waitUntil('the second service', () => isThere('far'));
    expect((await (await hardware.open('wide')).describe()).name).toBe('wide');
    const { endpoints } = await hardware.survey();
    expect(endpoints).toMatchObject([
      { address: first.address, configured: false, announced: true, outage: undefined, targets: [{ name: 'near' }] },
      { address: later.address, announced: true, targets: [{ name: 'far' }, { name: 'wide' }] },
    ]);
    expect(told).toEqual(['found first', 'found later']);
  });

  it('is forgotten when it leaves; who wants it then is told where it was', async () => {
    const nats = await launch();
    const { announcer, address } = await serveAndAnnounce(nats, 'leaving', 'near');
    const { hardware, names, isThere, told } = await discover(nats);
    expect(await names()).toEqual(['near']);
    await announcer.close();
    await waitUntil('it to be gone', async () => !(await isThere('near')));
    expect((await hardware.survey()).endpoints).toEqual([]);
    await expect(hardware.open('near')).rejects.toMatchObject({ kind: 'unavailable', reason: 'HARDWARE_LEFT' });
    await expect(hardware.open('near')).rejects.toThrow(address);
    expect(told).toEqual(['found leaving']);
  });

  it('is shown as not answering, then lost, when it dies without a word', async () => {
    const nats = await launch();
    const dying = await serveAndAnnounce(nats, 'dying', 'near');
    const { hardware, told } = await discover(nats);
    expect(told).toEqual(['found dying']);
    await die(dying, nats);
    const { endpoints } = await hardware.survey();
    expect(endpoints).toMatchObject([
      { address: dying.address, targets: [{ name: 'near', version: '1' }], outage: { reason: expect.any(String) } },
    ]);
    await waitUntil('it to be lost', () => told.length === 2);
    expect(told).toEqual(['found dying', 'lost dying']);
    expect((await hardware.survey()).endpoints).toEqual([]);
  });

  it('stays when it falls silent and still answers: only its way to NATS was lost', async () => {
    const nats = await launch();
    const { address } = await serve(['near']);
    const { connection } = await listen(nats, HARDWARE_ASKED);
    const { names, told, isThere } = await discover(nats);
    connection.publish(
      HARDWARE_ANNOUNCED,
      encodeAnnouncement({ ...announcementOf('once', address, ['near']), leaving: false }),
    );
    await waitUntil('it to be found', () => isThere('near'));
    await sleep(8 * INTERVAL_MS);
    expect(await names()).toEqual(['near']);
    expect(told).toEqual(['found once']);
  });

  it('is one service when it was started again at its address, though its last run answers there, too', async () => {
    const nats = await launch();
    const { connection } = await listen(nats, HARDWARE_ASKED);
    const { server, address } = await serve(['near']);
    const { told, isThere } = await discover(nats);
    const before = { ...announcementOf('before', address, ['near']), leaving: false };
    connection.publish(HARDWARE_ANNOUNCED, encodeAnnouncement(before));
    await waitUntil('the first run', () => isThere('near'));
    const announcer = await announce(nats.url, announcementOf('after', address, ['near']));
    await sleep(6 * INTERVAL_MS);
    await die({ server, announcer }, nats);
    await waitUntil('the second run to be lost', () => told.includes('lost after'));
    expect(told).toEqual(['found before', 'found after', 'lost after']);
  });

  it('is found again at another address when it comes back there', async () => {
    const nats = await launch();
    const before = await serveAndAnnounce(nats, 'before', 'near');
    const { hardware } = await discover(nats);
    const target = await hardware.open('near');
    await die(before, nats);
    await expect(target.describe()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(target.describe()).rejects.toThrow(`hardware "near" at ${before.address} does not answer`);
    const after = await serveAndAnnounce(nats, 'after', 'near');
    await waitUntil('it to be back', async () => {
      const found = await hardware.open('near').catch(() => undefined);
      return (await found?.describe().catch(() => undefined)) !== undefined;
    });
    expect(after.address).not.toBe(before.address);
  });

  it('comes after what the configuration names, which is there without any announcement', async () => {
    const nats = await launch();
    const configured = await serve(['near']);
    await serveAndAnnounce(nats, 'spare', 'near', 'far');
    const { hardware } = await discover(nats, { addresses: [configured.address, '127.0.0.1:1'] });
    const { targets, endpoints } = await hardware.survey();
    expect(targets.map(({ name }) => name)).toEqual(['near', 'far']);
    expect(endpoints).toMatchObject([
      { address: configured.address, configured: true, announced: false, outage: undefined },
      { address: '127.0.0.1:1', configured: true, targets: [], outage: { since: expect.any(Number) } },
      { configured: false, announced: true, targets: [{ name: 'near' }, { name: 'far' }] },
    ]);
    await configured.server.close(0);
    expect((await hardware.survey()).targets.map(({ name }) => name)).toEqual(['near', 'far']);
  });

  it('says why a target is not there: no service announced it, or one that did does not answer', async () => {
    const nats = await launch();
    const { hardware } = await discover(nats);
    await expect(hardware.open('moon')).rejects.toMatchObject({ kind: 'not_found', reason: 'HARDWARE_NOT_ANNOUNCED' });
    await announce(nats.url, announcementOf('unreachable', '127.0.0.1:1', ['far']));
    await waitUntil('the announcement', async () => (await hardware.survey()).endpoints.length === 1);
    await expect(hardware.open('far')).rejects.toThrow(
      /hardware "far" cannot be reached: 127\.0\.0\.1:1 does not answer/,
    );
    await expect(hardware.open('moon')).rejects.toMatchObject({ kind: 'not_found' });
    const { hardware: deaf } = await discover(undefined);
    await expect(deaf.open('moon')).rejects.toMatchObject({ kind: 'not_found', reason: 'HARDWARE_UNKNOWN' });
  });
});

describe('a NATS server that goes', () => {
  it('takes no hardware with it, and brings new hardware when it is back', async () => {
    const nats = await launch();
    await serveAndAnnounce(nats, 'first', 'near');
    const { names, isThere, told, notices } = await discover(nats);
    await nats.kill();
    const late = await serve(['far']);
    const announcing = announce(nats.url, announcementOf('late', late.address, ['far']));
    await sleep(8 * INTERVAL_MS);
    expect(await names()).toEqual(['near']);
    await nats.start();
    await announcing;
    await waitUntil('the other one', () => isThere('far'), 20_000);
    await sleep(4 * INTERVAL_MS);
    expect(await names()).toEqual(['near', 'far']);
    expect(told).toEqual(['found first', 'found late']);
    expect(notices.some((notice) => /^lost NATS at .*hardware that is known stays/.test(notice))).toBe(true);
  });

  it('may be away at the start: configured hardware is there at once, the rest once it comes', async () => {
    const nats = await launch({ started: false });
    const configured = await serve(['near']);
    const { names, isThere } = await discover(nats, { addresses: [configured.address] });
    expect(await names()).toEqual(['near']);
    await serveAndAnnounce(nats, 'late', 'far');
    await nats.start();
    await waitUntil('the other one', () => isThere('far'), 20_000);
  });

  it('holds nobody up who wants to close', async () => {
    const nats = await launch({ started: false });
    const { close } = await discover(nats);
    const announcer = await announceHardware({
      ...{ url: nats.url, announcement: announcementOf('alone', '127.0.0.1:1', []), onNotice: () => {} },
    });
    const startedAt = performance.now();
    await Promise.all([close(), announcer.close()]);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('what travels', () => {
  it('is an announcement at the start, at each interval, to whoever asks, and a last one', async () => {
    const nats = await launch();
    const { heard, connection } = await listen(nats, HARDWARE_ANNOUNCED);
    const announcement = { ...announcementOf('slow', '127.0.0.1:7003', ['near']), intervalMs: 60_000 };
    const { close } = await announce(nats.url, announcement);
    await waitUntil('the first', () => heard.length === 1);
    for (let asked = 0; asked < 50; asked += 1) connection.publish(HARDWARE_ASKED);
    await waitUntil('the answer', () => heard.length === 2);
    await sleep(500);
    expect(heard.length).toBe(2);
    await close();
    await waitUntil('the last', () => heard.length === 3);
    const [first, , last] = heard.map((payload) => decodeAnnouncement(payload));
    expect([first, last]).toEqual([
      { ...announcement, leaving: false },
      { ...announcement, leaving: true },
    ]);
    await announce(nats.url, announcementOf('often', '127.0.0.1:7003', ['near']));
    await waitUntil('some heartbeats', () => heard.length >= 6);
  });

  it('is not kept by the stream of events', async () => {
    const nats = await launch();
    const { heard, connection } = await listen(nats, HARDWARE_ANNOUNCED);
    const streams = await connection.jetstreamManager();
    await streams.streams.add({ name: EVENT_STREAM, subjects: ['bitwright.v1.>'] });
    await announce(nats.url, announcementOf('present', '127.0.0.1:7003', ['near']));
    await waitUntil('some heartbeats', () => heard.length >= 3);
    expect((await streams.streams.info(EVENT_STREAM)).state.messages).toBe(0);
  });

  it('may be anything: garbage is left out with one notice, and what is none too many is heard', async () => {
    const nats = await launch();
    const { connection } = await listen(nats, HARDWARE_ASKED);
    const { isThere, notices } = await discover(nats);
    const bad = { ...announcementOf('bad', '127.0.0.1:1', ['near']), leaving: false };
    for (let round = 0; round < 20; round += 1) {
      connection.publish(HARDWARE_ANNOUNCED, 'no announcement');
      connection.publish(HARDWARE_ANNOUNCED, new Uint8Array(100_000));
      connection.publish(HARDWARE_ANNOUNCED, encodeAnnouncement({ ...bad, address: 'file:///etc/passwd' }));
    }
    await serveAndAnnounce(nats, 'good', 'near');
    await waitUntil('the good one', () => isThere('near'));
    expect(notices.filter((notice) => notice.includes('is no announcement'))).toHaveLength(1);
  });

  it('may be too much: there is room for 256 services, and those that are in stay', async () => {
    const nats = await launch();
    const { connection } = await listen(nats, HARDWARE_ASKED);
    await serveAndAnnounce(nats, 'good', 'near');
    const { names, told, notices } = await discover(nats);
    for (let index = 0; index < 400; index += 1) {
      const flood = { ...announcementOf(`flood-${index}`, '127.0.0.1:1', ['far']), intervalMs: 60_000 };
      connection.publish(HARDWARE_ANNOUNCED, encodeAnnouncement({ ...flood, leaving: false }));
    }
    await waitUntil('the flood', () => told.length === 256);
    await connection.flush();
    await sleep(100);
    expect(told).toHaveLength(256);
    expect(await names()).toEqual(['near']);
    expect(notices.filter((notice) => notice.includes('too many hardware services'))).toHaveLength(1);
  });
});
