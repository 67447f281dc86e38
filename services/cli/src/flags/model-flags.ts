import { resolve } from 'node:path';
import type { ArtifactStore, ModelSource } from '@bitwright/core';
import { readInputFile } from '@bitwright/service-kit';
import { type FlagValues, integer, numberAbove, text, wrongFlag } from './flag.js';

/** Which network: one of the zoo by its shape, or an ONNX file. */
export const MODEL_FLAGS = {
  network: text('NAME', 'network of the zoo: mobilenet-v1, mobilenet-v2, resnet-18, resnet-20'),
  width: numberAbove('its width multiplier (default 1)', 0, 16),
  'image-size': integer('its input height and width, pixels (default 224)', 1, 4096),
  classes: integer('how many classes it tells apart (default 1000)', 2, 100_000),
  'output-stride': integer('input size over the last feature map (default 32, or 16 up to 64 pixels)', 1, 64),
  model: text('FILE', 'an ONNX file with a trained float classifier, instead of --network'),
};

export type ModelFlags = FlagValues<typeof MODEL_FLAGS>;

const SHAPE = ['width', 'image-size', 'classes', 'output-stride'] as const;

/** Throws `invalid_argument` unless the flags name exactly one model. */
export function requireOneModel(flags: ModelFlags): void {
  if (flags.network === undefined && flags.model === undefined) {
    throw wrongFlag(
      'network',
      'is missing; name a network (`bitwright models` lists the trained ones) or give --model FILE',
    );
  }
  if (flags.model === undefined) return;
  if (flags.network !== undefined) throw wrongFlag('model', 'cannot be combined with --network; give one of them');
  const shape = SHAPE.find((name) => flags[name] !== undefined);
  if (shape !== undefined) throw wrongFlag(shape, 'belongs to --network; an ONNX file has its own shape');
}

/** The model in a few words, for records: `mobilenet-v2 --width 0.35`. */
export function describeModelFlags(flags: ModelFlags): string {
  const shape = SHAPE.flatMap((name) => (flags[name] === undefined ? [] : [`--${name} ${flags[name]}`]));
  return [flags.model ?? flags.network ?? '', ...shape].join(' ');
}

/** The model that the flags name; an ONNX file is stored as an artifact first. */
export async function resolveModel(flags: ModelFlags, store: ArtifactStore, folder: string): Promise<ModelSource> {
  requireOneModel(flags);
  if (flags.model !== undefined)
    return { kind: 'artifact', digest: await store.put(await readModelFile(flags.model, folder)) };
  return {
    kind: 'zoo',
    network: flags.network ?? '',
    width: flags.width ?? 1,
    imageSize: flags['image-size'] ?? 224,
    classes: flags.classes ?? 1000,
    outputStride: flags['output-stride'],
  };
}

function readModelFile(path: string, folder: string): Promise<Uint8Array> {
  return readInputFile(resolve(folder, path), (problem) => wrongFlag('model', `${path} ${problem}`));
}
