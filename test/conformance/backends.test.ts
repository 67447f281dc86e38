import { ACCELERATORS } from '@bitwright/accelerators';
import { openHardware } from '@bitwright/adapters';
import { checkHardware } from '@bitwright/client';
import { type LaunchedService, launchNatsServer, launchService, waitUntil } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runBitwright } from '../e2e/run-bitwright.js';
import { startBackend } from './broken-backend.js';
import { launchPythonBackend, type PythonBackend } from './python-backend.js';

const NAMES = ACCELERATORS.map(({ capabilities }) => capabilities.name);
const MAIN = new URL('../../services/hardware/src/main.ts', import.meta.url);
const MEASURING_MAIN = new URL('../../services/hardware-onnxruntime/src/main.ts', import.meta.url);

async function failuresOf(address: string, hardware?: string) {
  const reports = await checkHardware(address, { hardware });
  return reports.flatMap(({ results }) => results.filter(({ status }) => status === 'failed'));
}

/** Whether somebody who listens from now on hears of a service with the target. */
async function listenFor(target: string, nats: string): Promise<() => Promise<boolean>> {
  const { hardware, close } = await openHardware({ addresses: [], nats, onNotice: () => {} });
  onTestFinished(close);
  return async () =>
    (await hardware.survey()).endpoints.some(({ targets }) => targets.some(({ name }) => name === target));
}

describe('the hardware service', () => {
  let service: LaunchedService;
  beforeAll(async () => {
    service = await launchService(MAIN, ['--accelerators', NAMES.join(',')]);
  }, 300_000);
  afterAll(() => service.stop());

  it.each(NAMES)(
    'keeps the contract with %s',
    async (name) => {
      expect(await failuresOf(service.address, name)).toEqual([]);
    },
    180_000,
  );
});

describe('the service that measures this machine', () => {
  let service: LaunchedService;
  beforeAll(async () => {
    const quick = ['--warm-up-runs', '1', '--samples', '5', '--budget-ms', '200'];
    service = await launchService(MEASURING_MAIN, quick);
  }, 120_000);
  afterAll(() => service.stop());

  it('keeps the contract, where only what holds for models alone is skipped', async () => {
    const [report] = await checkHardware(service.address);
    expect(report?.results.filter(({ status }) => status === 'failed')).toEqual([]);
    const skipped = report?.results.filter(({ status }) => status === 'skipped').map(({ id }) => id);
    expect(skipped).toEqual(['determinism', 'monotone-in-bits', 'monotone-in-batch', 'additivity', 'table-agreement']);
  }, 180_000);
});

describe('the backend in Python', () => {
  let backend: PythonBackend;
  beforeAll(async () => {
    backend = await launchPythonBackend();
  }, 120_000);
  afterAll(() => backend?.stop());

  it('keeps the contract, every promise of it', async () => {
    const [report] = await checkHardware(backend.address);
    expect(report?.results.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(report?.hardware).toBe('roofline-board');
  }, 180_000);

  it('announces itself to those who are there and to newcomers, again when NATS was away, and leaves with a word', async () => {
    await using nats = await launchNatsServer();
    const present = await listenFor('roofline-board', nats.url);
    const announcing = await launchPythonBackend(nats.url);
    await waitUntil('the backend to be found', present);
    await waitUntil('a newcomer to be answered', await listenFor('roofline-board', nats.url), 2_000);
    await nats.kill();
    await nats.start();
    await waitUntil('it to be announced again', await listenFor('roofline-board', nats.url), 20_000);
    await announcing.stop();
    await waitUntil('it to be gone', async () => !(await present()), 5_000);
  }, 180_000);

  it('is reported by the command line, with exit code 0', async () => {
    const { code, stdout, stderr } = await runBitwright('', 'hardware', 'check', backend.address);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('roofline-board keeps the contract') });
    expect(stdout).toMatch(/ {2}✓ bad-input +what makes no sense is refused/);
    expect(stderr).toMatch(/^\[1\/\d+\] roofline-board {2}health: passed$/m);
  }, 180_000);
});

describe('bitwright hardware check', () => {
  it('says what a backend does wrong and exits with 1; for programs as one document', async () => {
    await using backend = await startBackend({ capabilities: (sound) => ({ ...sound, version: '' }) });
    const text = await runBitwright('', 'hardware', 'check', backend.address);
    expect({ code: text.code, stdout: text.stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/bit-product breaks the contract[\s\S]+✗ capabilities[\s\S]+version is empty/),
    });
    const json = await runBitwright('', 'hardware', 'check', backend.address, '--hardware', 'bit-product', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ conforms: false, hardware: [{ hardware: 'bit-product' }] });
  }, 180_000);

  it('says that nobody answers, with exit code 5, and that there is no such target, with 4', async () => {
    expect((await runBitwright('', 'hardware', 'check', '127.0.0.1:1')).code).toBe(5);
    await using backend = await startBackend();
    const { code, stderr } = await runBitwright('', 'hardware', 'check', backend.address, '--hardware', 'moon');
    expect({ code, stderr }).toEqual({ code: 4, stderr: 'there is no hardware "moon"; there is bit-product\n' });
  }, 180_000);
});
