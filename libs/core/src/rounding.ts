/**
 * Rounds half to even, as IEEE 754, NumPy, PyTorch, TensorFlow and ONNX do. `Math.round` rounds half up and
 * must not be used where a published value is to be reproduced.
 */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
