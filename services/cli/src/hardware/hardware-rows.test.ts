import type { HardwareCapabilities, HardwareEndpoint } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { foundBy, hardwareRows } from './hardware-rows.js';

const capabilities = (name: string) => ({ name, metrics: ['latency'] }) as unknown as HardwareCapabilities;
const endpoint = (address: string, names: string[], change: Partial<HardwareEndpoint> = {}): HardwareEndpoint => ({
  ...{ address, configured: true, announced: false, outage: undefined },
  targets: names.map((name) => ({ name, version: '1', provenance: 'simulated' })),
  ...change,
});
const outage = { since: 1, reason: 'connect ECONNREFUSED' };

const shown = (rows: ReturnType<typeof hardwareRows>) =>
  rows.map(({ endpoint: { address }, target, capabilities: can, health }) => [
    ...[address, target?.name, can?.name, health],
  ]);

describe('rows of hardware', () => {
  it('are the targets of each service, in order', () => {
    const survey = { targets: [capabilities('a'), capabilities('b')], endpoints: [endpoint('x:1', ['a', 'b'])] };
    expect(shown(hardwareRows(survey))).toEqual([
      ['x:1', 'a', 'a', 'serving'],
      ['x:1', 'b', 'b', 'serving'],
    ]);
  });

  it('show a second target of a name as in reserve, and the first that answers as the one that counts', () => {
    const endpoints = [endpoint('x:1', ['a'], { outage }), endpoint('y:1', ['a']), endpoint('z:1', ['a'])];
    expect(shown(hardwareRows({ targets: [capabilities('a')], endpoints }))).toEqual([
      ['x:1', 'a', undefined, 'not answering'],
      ['y:1', 'a', 'a', 'serving'],
      ['z:1', 'a', undefined, 'in reserve'],
    ]);
  });

  it('show a service that never said what it has, and none for one that answers and has nothing', () => {
    const endpoints = [endpoint('x:1', [], { outage }), endpoint('y:1', [])];
    expect(shown(hardwareRows({ targets: [], endpoints }))).toEqual([['x:1', undefined, undefined, 'not answering']]);
  });

  it('say by what a service was found', () => {
    expect(foundBy(endpoint('x:1', []))).toEqual(['configured']);
    expect(foundBy(endpoint('x:1', [], { announced: true }))).toEqual(['configured', 'announced']);
  });
});
