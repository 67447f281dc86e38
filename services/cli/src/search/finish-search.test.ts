import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentClient } from '@bitwright/client';
import { BitwrightError, type Report } from '@bitwright/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleReport } from '../report/sample-report.test-support.js';
import { fakeSurroundings } from '../surroundings.test-support.js';
import { finishSearch } from './finish-search.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bitwright-finish-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const noReport = new BitwrightError('failed_precondition', 'NO_REPORT', 'no report yet');

function agentWith(report: Report | undefined): AgentClient {
  const getReport = async () => {
    if (report === undefined) throw noReport;
    return report;
  };
  return {
    getReport,
    artifacts: { get: async (digest: string) => new TextEncoder().encode(digest) },
  } as unknown as AgentClient;
}

describe('the end of a search', () => {
  it('leaves its files, shows the table and says where they are', async () => {
    const { surroundings, stdout } = fakeSurroundings({ folder });
    const end = { searchId: 'one', state: 'completed' } as const;
    expect(await finishSearch(agentWith(sampleReport()), end, undefined, { json: false, surroundings })).toBe(0);
    const out = join(folder, 'bitwright-runs', 'one');
    const names = ['model.integers.onnx', 'model.onnx', 'policy.json', 'report.html', 'report.json'];
    expect((await readdir(out)).sort()).toEqual(names);
    const { exported } = sampleReport();
    expect(await readFile(join(out, 'model.onnx'), 'utf8')).toBe(exported?.onnxDigest);
    expect(await readFile(join(out, 'model.integers.onnx'), 'utf8')).toBe(exported?.integers?.onnxDigest);
    expect(JSON.parse(await readFile(join(out, 'report.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(sampleReport())),
    );
    expect(stdout()).toContain('found (haq)');
    expect(stdout()).toContain('bitwright-runs/one/report.html');
    expect(stdout()).toContain(
      'bitwright-runs/one/model.integers.onnx  91.81 % on all 10,000 test images in ONNX Runtime, 1.69 times as fast as float32',
    );
  });

  it('is one JSON document for programs', async () => {
    const { surroundings, stdout } = fakeSurroundings({ folder });
    const end = { searchId: 'one', state: 'completed' } as const;
    await finishSearch(agentWith(sampleReport()), end, 'out', { json: true, surroundings });
    const answer = JSON.parse(stdout()) as { files: { policy: string } };
    expect(answer).toMatchObject({ searchId: 'one', state: 'completed', report: { schema: 'bitwright.report/1' } });
    expect(answer.files.policy).toBe(join(folder, 'out', 'policy.json'));
  });

  it('by Ctrl-C keeps the best so far and says how to go on', async () => {
    const { surroundings, stderr } = fakeSurroundings({ folder });
    const end = { searchId: 'one', state: 'cancelled' } as const;
    const report = { ...sampleReport(), state: 'cancelled', exported: null };
    expect(await finishSearch(agentWith(report), end, 'out', { json: false, surroundings })).toBe(130);
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(['policy.json', 'report.html', 'report.json']);
    expect(stderr()).toBe('Cancelled; the best so far is kept.\nGo on with it: bitwright resume one\n');
  });

  it('before anything was measured says so', async () => {
    const { surroundings, stderr } = fakeSurroundings({ folder });
    await finishSearch(agentWith(undefined), { searchId: 'one', state: 'cancelled' }, undefined, {
      json: false,
      surroundings,
    });
    expect(stderr()).toContain('nothing that fits had been measured yet');
    expect(await readdir(folder)).toEqual([]);
  });

  it('in failure gives the reason, and the exit code that belongs to it', async () => {
    const { surroundings, stderr } = fakeSurroundings({ folder });
    const failure = { kind: 'unavailable', reason: 'PEER', message: 'the quantizer is away' };
    const end = { searchId: 'one', state: 'failed', failure } as const;
    expect(await finishSearch(agentWith(undefined), end, undefined, { json: false, surroundings })).toBe(5);
    expect(stderr()).toContain('The search failed: the quantizer is away; nothing');
  });
});
