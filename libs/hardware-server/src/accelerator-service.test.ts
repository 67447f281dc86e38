import { RemoteHardwareCatalog } from '@bitwright/adapters';
import { createBitProductAccelerator, SAMPLE_LAYERS } from '@bitwright/hardware-kit/testing';
import { readConfig, SERVICE_FIELDS, silentLogger } from '@bitwright/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAcceleratorService } from './accelerator-service.js';
import { HARDWARE_SERVER_FIELDS, type HardwareServerConfig } from './config.js';

const config = readConfig(
  { ...HARDWARE_SERVER_FIELDS, ...SERVICE_FIELDS },
  { flags: ['--listen', '127.0.0.1:0', '--drain-seconds', '0'], environment: {} },
) as HardwareServerConfig;

const serviceOf = (...names: string[]) =>
  createAcceleratorService({
    ...{ name: 'hardware-toy', description: 'toys' },
    accelerators: names.map((name) => createBitProductAccelerator({ name })),
  });

describe('a service of accelerators', () => {
  it('hosts each as a target of its own', async () => {
    const running = await serviceOf('small', 'large').compose(config, silentLogger(), {});
    onTestFinished(() => running.close());
    const catalog = new RemoteHardwareCatalog([running.address]);
    onTestFinished(() => catalog.close());
    expect((await catalog.list()).map(({ name }) => name)).toEqual(['small', 'large']);
    const table = await (await catalog.open('large')).tabulate(SAMPLE_LAYERS);
    expect(table.cells).toHaveLength(SAMPLE_LAYERS.length);
  });

  it('does not start when two share a name', async () => {
    await expect((async () => serviceOf('toy', 'toy').compose(config, silentLogger(), {}))()).rejects.toMatchObject({
      kind: 'already_exists',
    });
  });
});
