export {
  DEFAULT_MAXIMUM_ARTIFACT_BYTES,
  type FileArtifactStoreOptions,
  openFileArtifactStore,
} from './file/file-artifact-store.js';
export { MemoryArtifactStore } from './memory/memory-artifact-store.js';
export { MemoryEventBus } from './memory/memory-event-bus.js';
export { MemorySearchStore } from './memory/memory-search-store.js';
export { openSearchStore, type SearchStoreOptions } from './sql/open-search-store.js';
export { redactUrl } from './sql/store-url.js';
