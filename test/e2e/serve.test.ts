import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { REPORT_SCHEMA, type Report } from '@bitwright/core';
import { type LaunchedService, launchService, makeTemporaryFolder, type TemporaryFolder } from '@bitwright/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runBitwright } from './run-bitwright.js';
import { type ServiceName, type Settings, toFlags } from './services.js';
import { writeSmallFashionMnist } from './write-idx.js';

const MAIN = new URL('../../services/cli/src/main.ts', import.meta.url);
const EFFORT = { calibration: 64, finetune: 64, validation: 64 };

let temporary: TemporaryFolder;
let agent: LaunchedService;
const running: LaunchedService[] = [];

async function serve(name: ServiceName, settings: Settings): Promise<LaunchedService> {
  const service = await launchService(MAIN, ['serve', name, ...toFlags(settings)]);
  running.push(service);
  return service;
}

beforeAll(async () => {
  temporary = await makeTemporaryFolder('bitwright-serve-');
  const artifacts = join(temporary.path, 'artifacts');
  const [quantizer, hardware] = await Promise.all([
    serve('quantizer', { artifacts, 'dataset-roots': temporary.path, workers: 1 }),
    serve('hardware', { accelerators: 'bismo-edge' }),
  ]);
  const peers = { quantizer: quantizer.address, hardware: hardware.address };
  agent = await serve('agent', { database: join(temporary.path, 'database'), artifacts, ...peers });
}, 300_000);

afterAll(async () => {
  for (const service of running.reverse()) await service.stop();
  await temporary.remove();
});

/** A search as people keep it beside its results. */
async function writeRunFile(): Promise<string> {
  const images = await writeSmallFashionMnist(join(temporary.path, 'images'));
  const path = join(temporary.path, 'run.yaml');
  const lines = [
    ...['network: mobilenet-v1', 'width: 0.25', 'image-size: 32', 'classes: 10', `dataset: ${images}`],
    ...['hardware: bismo-edge', 'budget:', '  - latency<=0.6x', '  - size<=0.9x', 'strategy: random', 'trials: 5'],
    ...Object.entries(EFFORT).map(([what, count]) => `${what}-samples: ${count}`),
    ...['final-finetune-samples: 64', 'final-validation-samples: 100', 'finalists: 1'],
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  return path;
}

describe('services started by `bitwright serve`', () => {
  it('run a search from a file for a command that knows only the address; flags win over the file', async () => {
    const out = join(temporary.path, 'run');
    const asked = ['--config', await writeRunFile(), '--trials', '2', '--out', out, '--address', agent.address];
    const { code, stdout, stderr } = await runBitwright(temporary.path, 'search', ...asked, '--json');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { report } = JSON.parse(stdout) as { report: Report };
    expect(report).toMatchObject({
      schema: REPORT_SCHEMA,
      state: 'completed',
      exported: { parity: expect.any(Number) },
    });
    expect(report.constraints).toHaveLength(2);
    expect(report.trials.filter(({ role }) => role === 'strategy')).toHaveLength(2);
  }, 300_000);

  it('show the same search to any command that asks', async () => {
    const { stdout } = await runBitwright(temporary.path, 'list', '--address', agent.address, '--json');
    const { searches } = JSON.parse(stdout) as { searches: { id: string; state: string }[] };
    expect(searches.map(({ state }) => state)).toEqual(['completed']);
    const shown = await runBitwright(temporary.path, 'show', searches[0]?.id ?? '', '--address', agent.address);
    expect({ code: shown.code, stdout: shown.stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('completed'),
    });
  }, 120_000);

  it('stop when they are told to, having finished what ran', async () => {
    for (const service of running.toReversed()) expect(await service.kill('SIGTERM')).toBe(0);
  }, 60_000);
});
