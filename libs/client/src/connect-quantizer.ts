import { RemoteArtifactStore, RemoteQuantizer } from '@bitwright/adapters';
import type { ArtifactStore, Quantizer } from '@bitwright/core';
import { createChannel } from '@bitwright/service-kit';

/** A quantizer service with its artifacts: models to upload, checkpoints and exports to download. */
export type QuantizerConnection = {
  readonly quantizer: Quantizer;
  readonly artifacts: ArtifactStore;
  close(): void;
};

/** The quantizer at `host:port`; connects at the first call. Throws `invalid_argument` for a bad address. */
export function connectQuantizer(address: string): QuantizerConnection {
  const channel = createChannel(address);
  return {
    quantizer: new RemoteQuantizer(channel),
    artifacts: new RemoteArtifactStore(channel),
    close: () => channel.close(),
  };
}
