import {
  BitwrightError,
  FLOAT_BITS,
  type LayerKind,
  type LayerPrecision,
  type OperatorPrecisions,
} from '@bitwright/core';
import { LAYER_KINDS, type LayerShape } from '@bitwright/hardware-kit';
import type { Bench } from './bench/bench.js';
import { measureLayer } from './measure-layer.js';

/** From the cheapest to the widest. */
const CANDIDATES: readonly LayerPrecision[] = [
  { weightBits: 4, activationBits: 8 },
  { weightBits: 8, activationBits: 8 },
  { weightBits: FLOAT_BITS, activationBits: FLOAT_BITS },
];

/** Enough to see which kernel is run. */
const ONE_RUN = { threads: 1, warmUpRuns: 0, samples: 1, budgetMs: 1 };

/** Tries every kind of layer at every precision: the kernels that this build of ONNX Runtime has on this machine. */
export async function findKernels(bench: Bench): Promise<readonly OperatorPrecisions[]> {
  const operators: OperatorPrecisions[] = [];
  for (const operator of LAYER_KINDS) {
    const precisions: LayerPrecision[] = [];
    for (const precision of CANDIDATES) {
      if (await hasKernel(bench, operator, precision)) precisions.push(precision);
    }
    operators.push({ operator, precisions });
  }
  return operators;
}

async function hasKernel(bench: Bench, kind: LayerKind, precision: LayerPrecision): Promise<boolean> {
  try {
    await measureLayer(bench, ONE_RUN, { shape: sampleShape(kind), precision, batch: 1 }, undefined);
    return true;
  } catch (error) {
    if (error instanceof BitwrightError && error.reason === 'NO_KERNEL') return false;
    throw error;
  }
}

function sampleShape(kind: LayerKind): LayerShape {
  const size = kind === 'fully-connected' ? 1 : 8;
  const kernel = kind === 'convolution' || kind === 'depthwise' ? 3 : 1;
  return {
    ...{ kind, inChannels: 32, outChannels: 32, kernelHeight: kernel, kernelWidth: kernel, stride: 1 },
    groups: kind === 'depthwise' ? 32 : 1,
    ...{ inputHeight: size, inputWidth: size, outputHeight: size, outputWidth: size },
  };
}
