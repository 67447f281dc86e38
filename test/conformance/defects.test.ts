import { checkHardware } from '@bitwright/client';
import { describe, expect, it } from 'vitest';
import { startBackend } from './broken-backend.js';
import { DEFECTS } from './defects.js';

async function idsOf(address: string, status: 'failed' | 'skipped' | 'passed'): Promise<readonly string[]> {
  const [report] = await checkHardware(address);
  return (report?.results ?? []).filter((result) => result.status === status).map(({ id }) => id);
}

describe('the conformance kit', () => {
  it('passes a sound backend, and has a defect for each of its checks', async () => {
    await using backend = await startBackend();
    const passed = await idsOf(backend.address, 'passed');
    expect(passed).toEqual([...new Set(passed)]);
    expect([...passed].sort()).toEqual([...new Set(DEFECTS.map(({ breaks }) => breaks))].sort());
  }, 120_000);

  it('does not ask of measurements what only a model promises', async () => {
    await using backend = await startBackend({
      accelerator: (sound) => ({
        ...sound,
        capabilities: { ...sound.capabilities, provenance: 'measured', additive: false },
      }),
    });
    expect(await idsOf(backend.address, 'skipped')).toEqual([
      ...['determinism', 'monotone-in-bits', 'monotone-in-batch', 'additivity', 'table-agreement'],
    ]);
  }, 120_000);

  it('cannot ask a target that names no bits, and says so', async () => {
    await using backend = await startBackend({ capabilities: (sound) => ({ ...sound, weightBits: [] }) });
    const [report] = await checkHardware(backend.address);
    expect(report?.conforms).toBe(false);
    const [health, capabilities, ...others] = (report?.results ?? []).map(({ status }) => status);
    expect([health, capabilities]).toEqual(['passed', 'failed']);
    expect(new Set(others)).toEqual(new Set(['skipped']));
  });

  it('refuses a target that is not there, naming those that are', async () => {
    await using backend = await startBackend();
    const checking = checkHardware(backend.address, { hardware: 'moon' });
    await expect(checking).rejects.toMatchObject({
      kind: 'not_found',
      message: expect.stringContaining('bit-product'),
    });
  });

  it('stops when its caller gives up', async () => {
    await using backend = await startBackend();
    const abort = new AbortController();
    const checking = checkHardware(backend.address, { signal: abort.signal, onResult: () => abort.abort() });
    await expect(checking).rejects.toThrow(/abort/i);
  });
});

describe('a backend that', () => {
  it.concurrent.each(DEFECTS)(
    '$title fails $breaks and nothing else',
    async ({ breaks, flaw }) => {
      await using backend = await startBackend(flaw);
      expect(await idsOf(backend.address, 'failed')).toEqual([breaks]);
    },
    180_000,
  );
});
