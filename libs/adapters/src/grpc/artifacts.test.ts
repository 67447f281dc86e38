import { createHash, randomBytes } from 'node:crypto';
import { ArtifactServiceDefinition } from '@bitwright/contracts';
import { type ArtifactStore, BitwrightError } from '@bitwright/core';
import { type Channel, createChannel, createClient, createServer } from '@bitwright/service-kit';
import { waitUntil } from '@bitwright/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryArtifactStore } from '../memory/memory-artifact-store.js';
import type { UploadLimits } from './receive-upload.js';
import { RemoteArtifactStore } from './remote-artifact-store.js';
import { artifactHandlers } from './serve-artifacts.js';

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function serve(store: ArtifactStore, limits?: UploadLimits): Promise<RemoteArtifactStore> {
  return new RemoteArtifactStore(await connectTo(store, limits));
}

async function connectTo(store: ArtifactStore, limits?: UploadLimits): Promise<Channel> {
  const server = createServer();
  server.add(ArtifactServiceDefinition, artifactHandlers(store, limits));
  const channel = createChannel(await server.listen('127.0.0.1:0'));
  onTestFinished(async () => {
    channel.close();
    await server.close(0);
  });
  return channel;
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
    const remote = await serve(new MemoryArtifactStore(), { maximumBytes: 1000 });
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

describe('uploads under way', () => {
  /** Sends so many bytes and then nothing more, until `finish` is called. */
  function uploadHalf(channel: Channel, bytes: number) {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* chunks() {
      yield { chunk: randomBytes(bytes) };
      await finished;
    }
    const uploading = createClient(ArtifactServiceDefinition, channel).putArtifact(chunks());
    return { uploading, finish };
  }

  it('hold so much together and no more; there is room again for each that ends', async () => {
    const channel = await connectTo(new MemoryArtifactStore(), { maximumHeldBytes: 1000 });
    const remote = new RemoteArtifactStore(channel);
    const first = uploadHalf(channel, 800);
    const isFull = () =>
      remote.put(randomBytes(300)).then(
        () => false,
        ({ kind, reason }) => kind === 'resource_exhausted' && reason === 'UPLOADS_FULL',
      );
    await waitUntil('the first to be under way', isFull);
    await remote.put(randomBytes(200));
    first.finish();
    await first.uploading;
    await remote.put(randomBytes(1000));
  });

  it('end when no chunk comes, and hold nothing any more', async () => {
    const channel = await connectTo(new MemoryArtifactStore(), { maximumHeldBytes: 1000, idleMs: 50 });
    const { uploading } = uploadHalf(channel, 800);
    await expect(uploading).rejects.toMatchObject({ kind: 'deadline_exceeded', reason: 'UPLOAD_STALLED' });
    await new RemoteArtifactStore(channel).put(randomBytes(1000));
  });
});
