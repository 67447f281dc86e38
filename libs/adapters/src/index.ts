export {
  DEFAULT_MAXIMUM_ARTIFACT_BYTES,
  type FileArtifactStoreOptions,
  openFileArtifactStore,
} from './file/file-artifact-store.js';
export type { AnnouncedHardware } from './grpc/hardware-peers.js';
export { createQuantizerPool } from './grpc/quantizer-pool.js';
export { RemoteArtifactStore } from './grpc/remote-artifact-store.js';
export { type HardwareClient, RemoteHardware } from './grpc/remote-hardware.js';
export { RemoteHardwareCatalog } from './grpc/remote-hardware-catalog.js';
export { RemoteQuantizer } from './grpc/remote-quantizer.js';
export { artifactHandlers } from './grpc/serve-artifacts.js';
export { hardwareHandlers } from './grpc/serve-hardware.js';
export { type QuantizerHandlerOptions, quantizerHandlers } from './grpc/serve-quantizer.js';
export { MemoryArtifactStore } from './memory/memory-artifact-store.js';
export { MemoryEventBus } from './memory/memory-event-bus.js';
export { MemorySearchStore } from './memory/memory-search-store.js';
export { type AnnounceHardwareOptions, announceHardware } from './nats/announce-hardware.js';
export type { EventStreamLimits } from './nats/event-stream.js';
export { connectNatsEventBus, DEFAULT_OUTBOX_EVENTS, type NatsEventBusOptions } from './nats/nats-event-bus.js';
export {
  ALL_EVENTS,
  EVENT_STREAM,
  HARDWARE_ANNOUNCED,
  HARDWARE_ASKED,
  subjectOf,
  subjectsOf,
} from './nats/subjects.js';
export { type OpenArtifactStore, openArtifactStore } from './open-artifact-store.js';
export { openEventBus } from './open-event-bus.js';
export { type OpenHardwareOptions, openHardware } from './open-hardware.js';
export { openSearchStore, type SearchStoreOptions } from './sql/open-search-store.js';
export { redactUrl } from './sql/store-url.js';
