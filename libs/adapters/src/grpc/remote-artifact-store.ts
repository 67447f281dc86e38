import { ArtifactServiceDefinition, LIMITS } from '@bitwright/contracts';
import { type ArtifactStore, BitwrightError } from '@bitwright/core';
import { type Channel, createClient, type GrpcClient, withSignal } from '@bitwright/service-kit';
import { digestOf } from '../file/artifact-rules.js';

/** An artifact store served over gRPC, in chunks of 1 MiB. What arrives is checked against its digest at both ends. */
export class RemoteArtifactStore implements ArtifactStore {
  readonly #client: GrpcClient<typeof ArtifactServiceDefinition>;

  /** The channel stays the caller's: whoever made it closes it. */
  constructor(channel: Channel) {
    this.#client = createClient(ArtifactServiceDefinition, channel);
  }

  async put(bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
    const { digest } = await this.#client.putArtifact(splitIntoMessages(bytes), withSignal(signal));
    const expected = await digestOf(bytes);
    if (digest !== expected) throw damaged(expected, 'on its way to the store');
    return digest;
  }

  async get(digest: string, signal?: AbortSignal): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const { chunk } of this.#client.getArtifact({ digest }, withSignal(signal))) {
      size += chunk.length;
      if (size > LIMITS.artifactBytes)
        throw new BitwrightError('resource_exhausted', 'ARTIFACT_SIZE', `artifact ${digest} is too large`);
      chunks.push(chunk);
    }
    const bytes = Buffer.concat(chunks);
    if (digest !== (await digestOf(bytes))) throw damaged(digest, 'on its way from the store');
    return bytes;
  }

  async has(digest: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#client.hasArtifact({ digest }, withSignal(signal))).exists;
  }
}

/** Messages of at most {@link LIMITS.artifactChunkBytes} bytes each. */
export async function* splitIntoMessages(bytes: Uint8Array): AsyncGenerator<{ chunk: Uint8Array }> {
  for (let start = 0; start < bytes.length; start += LIMITS.artifactChunkBytes) {
    yield { chunk: bytes.subarray(start, start + LIMITS.artifactChunkBytes) };
  }
}

function damaged(digest: string, where: string): BitwrightError {
  return new BitwrightError('data_loss', 'ARTIFACT_DAMAGED', `artifact ${digest} was damaged ${where}`);
}
