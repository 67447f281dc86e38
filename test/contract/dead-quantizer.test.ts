import { join } from 'node:path';
import { RemoteQuantizer } from '@bitwright/adapters';
import { QuantizerServiceDefinition } from '@bitwright/contracts';
import { createChannel, silentLogger } from '@bitwright/service-kit';
import { makeTemporaryFolder, openHealthProbe } from '@bitwright/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { composeQuantizer } from '../../services/quantizer/src/service.js';
import { blankSamples, writeIdxFolder } from '../e2e/write-idx.js';

it('a quantizer whose children cannot start does not say that it serves, until they can', async () => {
  const folder = await makeTemporaryFolder();
  const data = join(folder.path, 'data');
  const dataset = { name: 'blank' };
  await writeIdxFolder(join(data, dataset.name), blankSamples({ count: 40, height: 8, width: 8, classes: 2 }));
  const config = { workers: 1, queue: 4, artifacts: join(folder.path, 'artifacts'), data, listen: '127.0.0.1:0' };
  const own = { datasetRoots: [], logLevel: 'silent', reflection: false, drainSeconds: 0 } as const;
  const service = await composeQuantizer({ ...config, ...own }, silentLogger(), {});
  const channel = createChannel(service.address);
  const probe = openHealthProbe(service.address);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    probe.close();
    channel.close();
    await service.close();
    await folder.remove();
  });
  const quantizer = new RemoteQuantizer(channel);
  const health = async () => [await probe.check(), await probe.check(QuantizerServiceDefinition.fullName)];

  vi.stubEnv('NODE_OPTIONS', '--no-such-option');
  expect(await health()).toEqual(['SERVING', 'SERVING']);
  // The client asks again by itself: these are several jobs.
  await expect(quantizer.describeDataset(dataset)).rejects.toMatchObject({ reason: 'WORKER_DIED' });
  expect(await health()).toEqual(['SERVING', 'NOT_SERVING']);

  vi.unstubAllEnvs();
  expect((await quantizer.describeDataset(dataset)).name).toBe('blank');
  expect(await health()).toEqual(['SERVING', 'SERVING']);
});
