/** Element types of tensors; float64 lives in graphs only and does not cross between JavaScript and TensorFlow. */
export type DataType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool';

/** Values of a tensor, row-major; bool travels as bytes 0 and 1. */
export type TensorValues = Float32Array | Int32Array | Uint8Array;

/** TensorFlow's numbers for element types (`DataType` in its types.proto). */
export const DATA_TYPE_CODES = { float32: 1, float64: 2, int32: 3, uint8: 4, bool: 10, resource: 20 } as const;

/** Throws for a code of a type that is not used here. */
export function dataTypeOfCode(code: number): DataType {
  for (const [name, value] of Object.entries(DATA_TYPE_CODES)) {
    if (value === code && name !== 'resource') return name as DataType;
  }
  throw new Error(`TensorFlow returned a tensor of type ${code}, which is not handled`);
}

/** The type of a typed array. */
export function dataTypeOfValues(values: TensorValues): DataType {
  if (values instanceof Float32Array) return 'float32';
  return values instanceof Int32Array ? 'int32' : 'uint8';
}
