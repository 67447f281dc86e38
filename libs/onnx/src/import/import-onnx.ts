import type { Model } from '@bitwright/core';
export type ImportedModel = { readonly model: Model; readonly metadata: Readonly<Record<string, string>> };
export function importOnnx(_bytes: Uint8Array): ImportedModel {
  throw new Error('not yet');
}
