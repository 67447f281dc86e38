import { sha256Hex } from '../digest.js';
import type { Model, Network } from './network.js';

/** Identity of a network's structure: SHA-256 of its canonical JSON (keys sorted, so that their order does not count). */
export function networkDigest(network: Network): string {
  return sha256Hex(canonicalJson(network));
}

/** Identity of a trained model: structure and every parameter value. */
export function modelDigest(model: Model): string {
  const parts = [networkDigest(model.network)];
  for (const name of [...model.parameters.keys()].sort()) {
    const { shape, values } = model.parameters.get(name) as NonNullable<ReturnType<typeof model.parameters.get>>;
    parts.push(name, shape.join('x'), sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)));
  }
  return sha256Hex(parts.join('\n'));
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
