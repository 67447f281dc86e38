import { EventEmitter } from 'node:events';
import { invalidFields } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { runService, type ServiceProcess } from './run-service.js';

/** A process that notes what it is told and how it ends. */
function fakeProcess() {
  const lines: string[] = [];
  const codes: number[] = [];
  const process = Object.assign(new EventEmitter(), {
    ...{ argv: [], env: {}, stdout: { write: () => {} } },
    stderr: { write: (text: string) => lines.push(text) },
    exit: (code: number) => codes.push(code),
  });
  return { process: process as unknown as ServiceProcess, lines, codes };
}

describe('a service that refuses its settings only while it starts', () => {
  it('names every problem on a line and exits with 2, as for any wrong setting', async () => {
    const { process, lines, codes } = fakeProcess();
    const compose = async () => {
      throw invalidFields([
        { field: 'a.yaml', description: 'is not YAML' },
        { field: 'b.yaml: name', description: 'is missing' },
      ]);
    };
    await runService({ name: 'test', description: 'a test', fields: {}, compose }, process, []);
    expect(lines.join('')).toBe('a.yaml is not YAML\nb.yaml: name is missing\n');
    expect(codes).toEqual([2]);
  });
});
