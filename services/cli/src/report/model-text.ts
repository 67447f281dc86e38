import type { ModelSource } from '@bitwright/core';

/** A model in a few words. */
export function modelText(model: ModelSource): string {
  if (model.kind === 'zoo') return `${model.network} ${model.width}, ${model.imageSize}x${model.imageSize}`;
  return `ONNX ${model.digest.slice(0, 12)}`;
}
