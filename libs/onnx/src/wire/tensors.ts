import type { ParameterTensor } from '@bitwright/core';
import type { TensorProto } from '../gen/onnx/onnx.js';
import { modelError } from '../model-error.js';
import { DATA_TYPE, dataTypeName } from './data-type.js';

/** A tensor to write, with its bytes in place. */
export function toTensor(name: string, dims: readonly number[], dataType: number, rawData: Uint8Array): TensorProto {
  const empty = { floatData: [], int32Data: [], int64Data: [], doubleData: [], externalData: [], dataLocation: 0 };
  const bytes = Buffer.from(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return { ...empty, name, dims: [...dims], dataType, rawData: bytes };
}

/** A float32 tensor to write. */
export function toFloatTensor(name: string, { shape, values }: ParameterTensor): TensorProto {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return toTensor(name, shape, DATA_TYPE.float, bytes);
}

/** A zero point of unsigned bytes to write; the same name for the same one. */
export const toZeroPoint = (zeroPoint: number): TensorProto =>
  toTensor(`zero.${zeroPoint}`, [], DATA_TYPE.uint8, Uint8Array.of(zeroPoint));

/** Whole numbers to write, such as a shape. */
export const toInt64Tensor = (name: string, values: readonly number[]): TensorProto =>
  toTensor(name, [values.length], DATA_TYPE.int64, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));

/** Number of elements; the empty shape is a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Reads a float32 tensor. Throws `MODEL_UNSUPPORTED` for another type, `MODEL_CORRUPT` when values are missing and
 * `MODEL_NOT_FINITE` for NaN or infinity, each with the tensor's name.
 */
export function readFloatTensor(tensor: TensorProto): ParameterTensor {
  if (tensor.dataType !== DATA_TYPE.float) {
    const message = `tensor "${tensor.name}" is stored as ${dataTypeName(tensor.dataType)}; convert the model to float32`;
    throw modelError('MODEL_UNSUPPORTED', message);
  }
  const values = tensor.rawData.length > 0 ? readFloats(tensor.rawData) : Float32Array.from(tensor.floatData);
  assertComplete(tensor, values.length);
  const broken = values.findIndex((value) => !Number.isFinite(value));
  if (broken >= 0) {
    const message = `tensor "${tensor.name}" has ${values[broken]} at position ${broken}: the model has weights that are not finite`;
    throw modelError('MODEL_NOT_FINITE', message);
  }
  return { shape: tensor.dims, values };
}

/** Reads an int64 or int32 tensor, such as a shape or axes. */
export function readIntegerTensor(tensor: TensorProto): readonly number[] {
  const values = integerValues(tensor);
  assertComplete(tensor, values.length);
  return values;
}

function integerValues({ name, dataType, rawData, int64Data, int32Data }: TensorProto): readonly number[] {
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  if (dataType === DATA_TYPE.int64) {
    if (rawData.length === 0) return int64Data;
    return Array.from({ length: Math.floor(rawData.length / 8) }, (_, index) =>
      Number(view.getBigInt64(index * 8, true)),
    );
  }
  if (dataType === DATA_TYPE.int32) {
    if (rawData.length === 0) return int32Data;
    return Array.from({ length: Math.floor(rawData.length / 4) }, (_, index) => view.getInt32(index * 4, true));
  }
  throw modelError(
    'MODEL_UNSUPPORTED',
    `tensor "${name}" is ${dataTypeName(dataType)} where whole numbers are expected`,
  );
}

/** Copied, as a part of a file may begin anywhere; machines that run Node are little endian, as ONNX is. */
function readFloats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % 4))).buffer);
}

function assertComplete({ name, dims }: TensorProto, found: number): void {
  if (elementCount(dims) === found) return;
  const message = `tensor "${name}" of shape ${dims.join(' x ')} should have ${elementCount(dims)} values, the file has ${found}`;
  throw modelError('MODEL_CORRUPT', message);
}
