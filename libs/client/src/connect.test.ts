import { hardwareHandlers, quantizerHandlers } from '@bitwright/adapters';
import { HardwareServiceDefinition, QuantizerServiceDefinition } from '@bitwright/contracts';
import type { HardwareCapabilities, HardwareCatalog, Quantizer } from '@bitwright/core';
import { createServer } from '@bitwright/service-kit';
import { expect, it, onTestFinished } from 'vitest';
import { connectHardware } from './connect-hardware.js';
import { connectQuantizer } from './connect-quantizer.js';

const unused = () => Promise.reject(new Error('this is not part of the test'));

it('connects to hardware by address', async () => {
  const capabilities: HardwareCapabilities = {
    ...{ name: 'edge', description: '', version: '1', provenance: 'simulated', metrics: ['latency'] },
    ...{ weightBits: [8], activationBits: [8], defaultBatch: 1, maximumBatch: 1, defaultCounted: 'all' },
    ...{ additive: true, validation: [] },
  };
  const catalog: HardwareCatalog = { list: () => Promise.resolve([capabilities]), open: unused };
  const server = createServer();
  server.add(HardwareServiceDefinition, hardwareHandlers(catalog));
  const hardware = connectHardware(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    hardware.close();
    await server.close(0);
  });
  expect(await hardware.list()).toEqual([capabilities]);
});

it('connects to a quantizer by address', async () => {
  const quantizer: Quantizer = {
    ...{
      parallelism: () => Promise.resolve(3),
      listModels: () => Promise.resolve([]),
      listDatasets: () => Promise.resolve([]),
    },
    ...{
      describeModel: unused,
      describeDataset: unused,
      evaluatePolicy: unused,
      measureSensitivity: unused,
      learnPrecision: unused,
      realizeIntegers: unused,
      finetunePolicy: unused,
      exportModel: unused,
    },
  };
  const server = createServer();
  server.add(QuantizerServiceDefinition, quantizerHandlers(quantizer));
  const connection = connectQuantizer(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    connection.close();
    await server.close(0);
  });
  expect(await connection.quantizer.parallelism()).toBe(3);
});
