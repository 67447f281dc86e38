/** Element types that can be read, as a file spells them, with NumPy's names for them. Their last digit is their bytes. */
export const NPY_TYPES = {
  '|b1': 'bool',
  '|u1': 'uint8',
  '|i1': 'int8',
  '<u2': 'uint16',
  '<i2': 'int16',
  '<u4': 'uint32',
  '<i4': 'int32',
  '<u8': 'uint64',
  '<i8': 'int64',
  '<f4': 'float32',
  '<f8': 'float64',
} as const;

export type NpyType = keyof typeof NPY_TYPES;

/** An array of numbers: row-major, little-endian. */
export type NpyArray = { readonly shape: readonly number[]; readonly type: NpyType; readonly data: Uint8Array };

export type NpyOptions = {
  /** Element types that are wanted. */
  readonly types: readonly NpyType[];
  /** Makes the error for what is wrong with the file: "is truncated: …". */
  readonly refuse: (problem: string) => Error;
};

const MAGIC = [0x93, ...new TextEncoder().encode('NUMPY')];

/** Versions 2 and 3 of the format have a longer length field, and differ in their text's encoding alone. */
const LENGTH_FIELD_BYTES: Readonly<Record<number, number>> = { 1: 2, 2: 4, 3: 4 };

/** Reads an `.npy` file. Throws what `refuse` makes for anything but a complete array in C order of a wanted type. */
export function readNpy(bytes: Uint8Array, { types, refuse }: NpyOptions): NpyArray {
  const { header, data } = splitHeader(bytes, refuse);
  const type = readType(header, types, refuse);
  if (/'fortran_order':\s*True/.test(header)) throw refuse('is stored in Fortran order; save it in C order');
  if (!/'fortran_order':\s*False/.test(header)) throw refuse('has no readable header: fortran_order is missing');
  const shape = readShape(header, refuse);
  const expected = shape.reduce((product, size) => product * size, Number(type.at(-1)));
  const found = `${expected} bytes expected, ${data.length} found`;
  if (data.length < expected) throw refuse(`is truncated: ${found}`);
  if (data.length > expected) throw refuse(`has something after its array: ${found}`);
  return { shape, type, data };
}

function splitHeader(bytes: Uint8Array, refuse: NpyOptions['refuse']): { header: string; data: Uint8Array } {
  if (MAGIC.some((byte, position) => bytes[position] !== byte)) throw refuse('is no NumPy array');
  const version = bytes[6] ?? 0;
  const lengthBytes = LENGTH_FIELD_BYTES[version];
  if (lengthBytes === undefined) throw refuse(`has version ${version} of the format; 1 to 3 can be read`);
  const start = MAGIC.length + 2 + lengthBytes;
  if (bytes.length < start) throw refuse('is truncated: its header is not complete');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + (lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < end) throw refuse('is truncated: its header is not complete');
  return { header: new TextDecoder().decode(bytes.subarray(start, end)), data: bytes.subarray(end) };
}

function readType(header: string, wanted: readonly NpyType[], refuse: NpyOptions['refuse']): NpyType {
  const names = wanted.map((type) => NPY_TYPES[type]).join(' or ');
  if (/'descr':\s*\[/.test(header)) throw refuse(`has elements of a structured type; use ${names}`);
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1];
  if (type === undefined) throw refuse('has no readable header: descr is missing');
  const known = wanted.find((candidate) => candidate === type);
  if (known !== undefined) return known;
  if (type.includes('O')) throw refuse(`holds Python objects (pickle), which are never loaded; use ${names}`);
  if (type.startsWith('>')) throw refuse(`is big-endian ("${type}"); save it little-endian, as ${names}`);
  throw refuse(`has elements of type "${type}"; use ${names}`);
}

function readShape(header: string, refuse: NpyOptions['refuse']): readonly number[] {
  const sizes = /'shape':\s*\(\s*((?:\d+\s*,\s*)*\d*)\s*\)/.exec(header)?.[1];
  if (sizes === undefined) throw refuse('has no readable header: shape is missing');
  return sizes
    .split(',')
    .map((size) => size.trim())
    .filter((size) => size !== '')
    .map(Number);
}
