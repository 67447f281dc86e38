import { createHash, randomBytes } from 'node:crypto';
import { ArtifactServiceDefinition } from '@bitwright/contracts';
import { type ArtifactStore, BitwrightError } from '@bitwright/core';
import { createChannel, createServer } from '@bitwright/service-kit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryArtifactStore } from '../memory/memory-artifact-store.js';
import { RemoteArtifactStore } from './remote-artifact-store.js';
import { artifactHandlers } from './serve-artifacts.js';

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function serve(store: ArtifactStore, maximumBytes?: number): Promise<RemoteArtifactStore> {
  const server = createServer();
  server.add(ArtifactServiceDefinition, artifactHandlers(store, { maximumBytes }));
  const channel = createChannel(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  return new RemoteArtifactStore(channel);
}

describe('a remote artifact store', () => {
  it.each([0, 1, 1_048_576, 1_048_577, 20_000_000])('keeps %i bytes', async (size) => {
    const remote = await serve(new MemoryArtifactStore());
    const bytes = randomBytes(size);
    const digest = await remote.put(bytes);
    expect(digest).toBe(digestOf(bytes));
    expect(await remote.has(digest)).toBe(true);
    expect(Buffer.compare(await remote.get(digest), bytes)).toBe(0);
  });

  it('says not_found for what it does not have', async () => {
    const remote = await serve(new MemoryArtifactStore());
    expect(await remote.has('0'.repeat(64))).toBe(false);
    await expect(remote.get('0'.repeat(64))).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('refuses what is no digest, naming the field', async () => {
    const remote = await serve(new MemoryArtifactStore());
    await expect(remote.get('../secret')).rejects.toMatchObject({ violations: [{ field: 'request.digest' }] });
  });

  it('refuses an artifact that is too large', async () => {
    const remote = await serve(new MemoryArtifactStore(), 1000);
    await expect(remote.put(randomBytes(1001))).rejects.toMatchObject({
      kind: 'invalid_argument',
      reason: 'ARTIFACT_SIZE',
    });
  });

  it('notices bytes that are not what the digest says', async () => {
    const lying: ArtifactStore = {
      put: () => Promise.resolve('0'.repeat(64)),
      get: () => Promise.resolve(new Uint8Array([1, 2, 3])),
      has: () => Promise.resolve(true),
    };
    const remote = await serve(lying);
    await expect(remote.get('0'.repeat(64))).rejects.toMatchObject({ kind: 'data_loss' });
    await expect(remote.put(new Uint8Array([1]))).rejects.toMatchObject({ kind: 'data_loss' });
  });

  it('passes on why a store failed', async () => {
    const fail = () => Promise.reject(new BitwrightError('resource_exhausted', 'DISK_FULL', 'the disk is full'));
    const remote = await serve({ put: fail, get: fail, has: fail });
    await expect(remote.put(new Uint8Array(3_000_000))).rejects.toMatchObject({ reason: 'DISK_FULL' });
  });
});
