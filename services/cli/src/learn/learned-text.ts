import type { ExportResult, LayerPrecision, LearnPrecisionResult } from '@bitwright/core';
import { formatAccuracy, formatSeconds } from '../terminal/format.js';

/** What was exported, and where to. */
export type LearnedFile = { readonly path: string; readonly checked: ExportResult };

/** The result for people: accuracies, bits by layer, the file. */
export function describeLearned(result: LearnPrecisionResult, file: LearnedFile | undefined): string {
  const { accuracy, uniformAccuracy, samples, policy, layers, seconds, checkpointDigest } = result;
  const worst = Math.max(...layers.map(({ uniformError }) => uniformError));
  return [
    `Learned: ${formatAccuracy(accuracy)} on all ${samples.toLocaleString('en')} test images, in ${formatSeconds(seconds)}`,
    `Bits by layer: weights ${bitsOf(policy.layers, 'weightBits')}, activations ${bitsOf(policy.layers, 'activationBits')}`,
    `With uniform grids in place of the levels: ${formatAccuracy(uniformAccuracy)} on the same images; they miss the weights by up to ${formatAccuracy(worst)} of their power`,
    ...(file === undefined ? [] : [describeFile(file, samples)]),
    `Checkpoint ${checkpointDigest}`,
  ].join('\n');
}

const bitsOf = (layers: readonly LayerPrecision[], role: keyof LayerPrecision) =>
  layers.map((bits) => bits[role]).join(' ');

function describeFile({ path, checked: { testAccuracy, parity } }: LearnedFile, samples: number): string {
  const images = `${samples.toLocaleString('en')} images`;
  return `ONNX Runtime: ${formatAccuracy(testAccuracy)} on the same ${images}, ${formatAccuracy(parity)} of them named as simulated; ${path}`;
}
