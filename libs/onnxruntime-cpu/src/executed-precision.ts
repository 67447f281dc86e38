import { FLOAT_BITS, type LayerPrecision } from '@bitwright/core';
import type { KernelTimes } from './bench/job.js';

/** Operators that compute a layer, by the precision that their kernels have. */
const LAYER_OPERATORS: readonly { readonly pattern: RegExp; readonly precision: LayerPrecision }[] = [
  { pattern: /^(QLinearConv|ConvInteger|QGemm|QLinearMatMul|MatMulInteger)/, precision: bitsOf(8, 8) },
  { pattern: /^MatMulNBits$/, precision: bitsOf(4, 8) },
  { pattern: /^(Fused|Nhwc)?(Conv|Gemm|MatMul)$/, precision: bitsOf(FLOAT_BITS, FLOAT_BITS) },
];

function bitsOf(weightBits: number, activationBits: number): LayerPrecision {
  return { weightBits, activationBits };
}

/** The precision of the kernel that computes a layer; undefined for what only moves or converts tensors. */
export function executedPrecision({ operator }: Pick<KernelTimes, 'operator'>): LayerPrecision | undefined {
  return LAYER_OPERATORS.find(({ pattern }) => pattern.test(operator))?.precision;
}
