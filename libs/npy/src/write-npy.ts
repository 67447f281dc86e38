/** NumPy lets the data start at a multiple of this, so that it can be mapped into memory. */
const ALIGNMENT_BYTES = 64;
const FIXED_BYTES = 10;

/** An `.npy` file of float64 numbers, row-major. The shape must hold as many as there are. */
export function writeNpy(shape: readonly number[], values: Float64Array): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f8', 'fortran_order': False, 'shape': (${sizes}), }`;
  const unpadded = FIXED_BYTES + dictionary.length + 1;
  const start = Math.ceil(unpadded / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const header = `${dictionary}${' '.repeat(start - unpadded)}\n`;
  const bytes = new Uint8Array(start + 8 * values.length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), FIXED_BYTES);
  for (const [index, value] of values.entries()) view.setFloat64(start + 8 * index, value, true);
  return bytes;
}
