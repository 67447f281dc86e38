/** Element types of ONNX tensors, by their number in the format. */
export const DATA_TYPE = { float: 1, uint8: 2, int8: 3, int16: 5, int32: 6, int64: 7, double: 11, int4: 22 } as const;

/** Names for messages. */
export function dataTypeName(type: number): string {
  const names = ['undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool'];
  const others: Readonly<Record<number, string>> = {
    10: 'float16',
    11: 'float64',
    16: 'bfloat16',
    21: 'uint4',
    22: 'int4',
  };
  return names[type] ?? others[type] ?? `type ${type}`;
}
