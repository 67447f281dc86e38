import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NpyOptions, readNpy } from './read-npy.js';
import { writeNpy } from './write-npy.js';

const options: NpyOptions = { types: ['<f8', '<i8'], refuse: (problem) => new Error(`file ${problem}`) };

type Header = { descr?: string; order?: string; shape?: string; version?: number };

/** A file with a header of one's own. */
function file({ descr = "'<f8'", order = 'False', shape = '(2,)', version = 1 }: Header, dataBytes: number) {
  const header = Buffer.from(`{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0]);
  return Buffer.concat([start, length, header, Buffer.alloc(dataBytes, 1)]);
}

function float64s({ data }: { readonly data: Uint8Array }): Float64Array {
  return new Float64Array(data.slice().buffer);
}

describe('an .npy file', () => {
  it('gives back the array that was written, of any shape', () => {
    const shapes = fc.array(fc.nat(4), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, fc.double(), (shape, start) => {
        const count = shape.reduce((product, size) => product * size, 1);
        const values = Float64Array.from({ length: count }, (_, index) => start + index);
        const read = readNpy(writeNpy(shape, values), options);
        expect(read.shape).toEqual(shape);
        expect(float64s(read)).toEqual(values);
      }),
    );
  });

  it('starts as NumPy 2 writes it: version 1.0, data at a multiple of 64 bytes, header padded and ended', () => {
    const bytes = Buffer.from(writeNpy([1, 2], Float64Array.of(1.5, -2)));
    const start = bytes.length - 16;
    expect(start % 64).toBe(0);
    expect([...bytes.subarray(0, 10)]).toEqual([0x93, ...Buffer.from('NUMPY'), 1, 0, start - 10, 0]);
    const header = bytes.toString('latin1', 10, start);
    expect(header).toMatch(/^\{'descr': '<f8', 'fortran_order': False, 'shape': \(1, 2\), \} +\n$/);
    expect(bytes.readDoubleLE(start)).toBe(1.5);
  });

  it('is read wherever it lies in memory, and in each version of the format', () => {
    const bytes = writeNpy([3], Float64Array.of(1, 2, 3));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(float64s(readNpy(shifted.subarray(3), options))).toEqual(Float64Array.of(1, 2, 3));
    for (const version of [1, 2, 3]) expect(readNpy(file({ version }, 16), options).shape).toEqual([2]);
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'is no NumPy array'],
    ['another file', Buffer.from('index,name,kind'), 'is no NumPy array'],
    ['an unknown version', file({ version: 4 }, 16), 'has version 4 of the format; 1 to 3 can be read'],
    ['a cut length', file({}, 16).subarray(0, 9), 'is truncated: its header is not complete'],
    ['a cut header', file({}, 16).subarray(0, 30), 'is truncated: its header is not complete'],
    ['cut data', file({}, 15), 'is truncated: 16 bytes expected, 15 found'],
    ['no data', file({}, 0), 'is truncated: 16 bytes expected, 0 found'],
    ['too much data', file({}, 17), 'has something after its array: 16 bytes expected, 17 found'],
    ['a shape beyond all memory', file({ shape: '(999999999, 999999999, 999999999)' }, 16), 'is truncated'],
    ['Fortran order', file({ order: 'True' }, 16), 'is stored in Fortran order; save it in C order'],
    ['no order', file({ order: 'Maybe' }, 16), 'fortran_order is missing'],
    ['a negative shape', file({ shape: '(-2,)' }, 16), 'shape is missing'],
    ['big-endian numbers', file({ descr: "'>f8'" }, 16), 'is big-endian (">f8"); save it little-endian'],
    ['objects', file({ descr: "'|O'" }, 16), 'holds Python objects (pickle), which are never loaded'],
    ['records', file({ descr: "[('a', '<f8')]" }, 16), 'has elements of a structured type'],
    ['another type', file({ descr: "'<f4'" }, 8), 'has elements of type "<f4"; use float64 or int64'],
    ['no type', file({ descr: '7' }, 16), 'descr is missing'],
  ])('is refused with %s', (_, bytes, problem) => {
    expect(() => readNpy(bytes, options)).toThrow(problem);
  });

  it('is never read in part: each cut of a file is refused', () => {
    const bytes = writeNpy([2, 2], Float64Array.of(1, 2, 3, 4));
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => readNpy(bytes.subarray(0, length), options)).toThrow(/no NumPy array|version|truncated/);
    }
  });
});
