import type { ParameterTensor } from '@bitwright/core';
import { DATA_TYPE } from '../wire/data-type.js';
import { toFloatTensor, toTensor } from '../wire/tensors.js';
import type { TimedNode } from './timed-node.js';
import { weightScale, writeTimingWeight } from './write-timing-weight.js';

/** Writes a quantized fully connected layer with the int32 bias without which ONNX Runtime would run it in float. */
export function writeQuantizedGemm(
  { writer, node: { id }, parameters, quantizers, precision }: TimedNode,
  input: string,
): void {
  const weight = parameters.get(`${id}.weight`) as ParameterTensor;
  const { weightBits, activationBits } = precision;
  const features = writer.node('Flatten', `${id}/features`, [input], { axis: 1 });
  const activations = quantizers.quantize(features, activationBits);
  const outputs = weight.shape[0] ?? 1;
  const step = quantizers.scaleOf(features, activationBits) * weightScale(weight, weightBits);
  const scale = writer.tensor(
    toFloatTensor(`${id}.bias.scale`, { shape: [outputs], values: new Float32Array(outputs).fill(step) }),
  );
  const codes = writer.tensor(toTensor(`${id}.bias.codes`, [outputs], DATA_TYPE.int32, new Uint8Array(4 * outputs)));
  const bias = writer.node('DequantizeLinear', `${id}.bias`, [codes, scale], { axis: 0 });
  writer.node('Gemm', id, [activations, writeTimingWeight(writer, `${id}.weight`, weight, weightBits), bias], {
    transB: 1,
  });
}

/** Weights that share a scale. */
const BLOCK = 32;
/** Activations are quantized to int8 inside the kernel. */
const ACCURACY_INT8 = 4;

/**
 * Writes a fully connected layer as `com.microsoft.MatMulNBits` with 4-bit weights in blocks of 32 and activations that
 * the kernel itself quantizes to 8 bits (accuracy level 4).
 */
export function writeMatMulNBits({ writer, node: { id }, parameters }: TimedNode, input: string): void {
  const [outputs = 1, features = 1] = (parameters.get(`${id}.weight`) as ParameterTensor).shape;
  const blocks = Math.ceil(features / BLOCK);
  const codes = new Uint8Array((outputs * blocks * BLOCK) / 2).fill(0x79);
  const weight = writer.tensor(toTensor(`${id}.codes`, [outputs, blocks, BLOCK / 2], DATA_TYPE.uint8, codes));
  const values = new Float32Array(outputs * blocks).fill(1 / features);
  const scales = writer.tensor(toFloatTensor(`${id}.scales`, { shape: [outputs * blocks], values }));
  const flat = writer.node('Flatten', `${id}/features`, [input], { axis: 1 });
  const attributes = { K: features, N: outputs, bits: 4, block_size: BLOCK, accuracy_level: ACCURACY_INT8 };
  writer.node('MatMulNBits', id, [flat, weight, scales], attributes, 'com.microsoft');
}
