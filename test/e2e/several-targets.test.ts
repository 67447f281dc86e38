import { ACCELERATORS } from '@bitwright/accelerators';
import { hardwareHandlers } from '@bitwright/adapters';
import { connectHardware, connectQuantizer } from '@bitwright/client';
import { HardwareServiceDefinition } from '@bitwright/contracts';
import {
  costOfPolicy,
  deriveLayers,
  type HardwareOptions,
  type Network,
  type PrecisionPolicy,
  parseConstraint,
  type Report,
  uniformPolicy,
} from '@bitwright/core';
import { createSwitchingHardware } from '@bitwright/hardware-kit/testing';
import { createServer, type GrpcServer } from '@bitwright/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODEL, slowerSearch } from './small-search.js';
import { type Stack, startStack } from './stack.js';
import { watchUntil } from './watch.js';
import { writeSmallFashionMnist } from './write-idx.js';

let board: GrpcServer;
let stack: Stack;
let data: string;
let network: Network;

/** A board that is no sum over layers, behind a service of its own. */
async function startBoard(): Promise<string> {
  const [accelerator] = ACCELERATORS;
  if (accelerator === undefined) throw new Error('there is no accelerator');
  const capabilities = { ...accelerator.capabilities, name: 'switching-board' };
  const hardware = createSwitchingHardware({ ...accelerator, capabilities }, { switchMs: 0.004, fusedShare: 0.67 });
  board = createServer();
  const list = async () => [await hardware.describe()];
  board.add(HardwareServiceDefinition, hardwareHandlers({ list, open: async () => hardware }));
  return board.listen('127.0.0.1:0');
}

let boardAddress: string;
beforeAll(async () => {
  boardAddress = await startBoard();
  stack = await startStack({ hardware: [boardAddress] });
  data = await writeSmallFashionMnist(`${stack.folder}/fashion-mnist-small`);
  const { quantizer, close } = connectQuantizer(stack.quantizer.address);
  network = (await quantizer.describeModel(MODEL)).network;
  close();
}, 300_000);
afterAll(async () => {
  await stack?.stop();
  await board?.close(0);
});

async function search(hardware: readonly string[], budget: readonly string[]): Promise<Report> {
  const targets = hardware.map((name) => ({ name }));
  const limits = budget.map((text) => parseConstraint(text));
  const { id } = await stack.client.createSearch(slowerSearch(data, { hardware: targets, budget: limits }));
  const updates = await watchUntil(stack.client, id);
  expect(updates.at(-1)).toMatchObject({ state: 'completed' });
  expect((await stack.client.getSearch(id)).spec.hardware.map(({ name }) => name)).toEqual(hardware);
  return stack.client.getReport(id);
}

/** Asks the service itself, without the agent. */
async function costs(address: string, name: string, policy: PrecisionPolicy) {
  const hardware = connectHardware(address);
  const layers = deriveLayers(network);
  try {
    const target = await hardware.open(name);
    const options: HardwareOptions = { network };
    for await (const whole of target.evaluate(layers, [policy], options)) {
      return { whole, tabulated: costOfPolicy(layers, await target.tabulate(layers), policy) };
    }
    throw new Error('no answer');
  } finally {
    hardware.close();
  }
}

describe('a search on several targets over gRPC', () => {
  it('meets a latency on the edge and an energy in the cloud, by the tables of both', async () => {
    const budget = ['latency@bismo-edge<=0.6x', 'energy@bismo-cloud<=0.5x'];
    const { policy, result } = await search(['bismo-edge', 'bismo-cloud'], budget);
    const eight = uniformPolicy(policy.layers.length, 8);
    const { address } = stack.hardware;
    const edge = (await costs(address, 'bismo-edge', policy)).tabulated;
    const cloud = (await costs(address, 'bismo-cloud', policy)).tabulated;
    const edgeReference = (await costs(address, 'bismo-edge', eight)).tabulated;
    const cloudReference = (await costs(address, 'bismo-cloud', eight)).tabulated;
    expect(edge.latencyMs).toBeLessThanOrEqual(0.6 * (edgeReference.latencyMs ?? 0));
    expect(cloud.energyMj).toBeLessThanOrEqual(0.5 * (cloudReference.energyMj ?? 0));
    expect(result.targets?.map(({ latencyMs }) => latencyMs)).toEqual([edge.latencyMs, cloud.latencyMs]);
  }, 300_000);

  it('fits what whole networks take on hardware that is no sum over layers, with additive hardware beside it', async () => {
    const { policy, result, constraints } = await search(['switching-board', 'bismo-cloud'], ['latency<=0.75x']);
    const { whole, tabulated } = await costs(boardAddress, 'switching-board', policy);
    const eight = await costs(boardAddress, 'switching-board', uniformPolicy(policy.layers.length, 8));
    expect(whole.latencyMs).not.toBeCloseTo(tabulated.latencyMs ?? 0, 6);
    expect(result.latencyMs).toBeCloseTo(whole.latencyMs, 9);
    expect(whole.latencyMs).toBeLessThanOrEqual(0.75 * eight.whole.latencyMs);
    expect(constraints.map(({ hardware }) => hardware)).toEqual(['switching-board', 'bismo-cloud']);
    for (const { limit, reached } of constraints) expect(reached).toBeLessThanOrEqual(limit);
  }, 300_000);
});
