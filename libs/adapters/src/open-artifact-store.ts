import type { ArtifactKeeper, ArtifactStore } from '@bitwright/core';
import { createChannel } from '@bitwright/service-kit';
import { openFileArtifactStore } from './file/file-artifact-store.js';
import { RemoteArtifactStore } from './grpc/remote-artifact-store.js';

/** An artifact store and how to let go of it. */
export type OpenArtifactStore = {
  readonly artifacts: ArtifactStore;
  /** Of a folder; a service keeps its artifacts itself. */
  readonly keeper: ArtifactKeeper | undefined;
  close(): void;
};

/** `host:port` is the artifact service there (an agent's); anything else is a folder. */
export async function openArtifactStore(location: string): Promise<OpenArtifactStore> {
  if (!/^[^\s/\\]+:[0-9]{1,5}$/.test(location)) {
    const artifacts = await openFileArtifactStore({ folder: location });
    return { artifacts, keeper: artifacts, close: () => {} };
  }
  const channel = createChannel(location);
  return { artifacts: new RemoteArtifactStore(channel), keeper: undefined, close: () => channel.close() };
}
