import { existsSync, readFileSync } from 'node:fs';

/** Where `npm run generate` puts it; the path holds from `src` and from `dist`. */
const DESCRIPTORS = new URL('../descriptors.binpb', import.meta.url);

/**
 * The FileDescriptorSet of every contract, for server reflection; undefined when `npm run generate` has not written it,
 * so that a service can start without reflection.
 */
export function readDescriptors(): Uint8Array | undefined {
  return existsSync(DESCRIPTORS) ? readFileSync(DESCRIPTORS) : undefined;
}
