import { describe, expect, it } from 'vitest';
import { ProtobufWriter } from './protobuf.js';

const bytesOf = (write: (writer: ProtobufWriter) => unknown) => {
  const writer = new ProtobufWriter();
  write(writer);
  return Array.from(writer.finish());
};

describe('the protobuf writer', () => {
  it('writes numbers as varints', () => {
    expect(bytesOf((writer) => writer.integer(1, 150))).toEqual([0x08, 0x96, 0x01]);
    expect(bytesOf((writer) => writer.integer(1, 0))).toEqual([0x08, 0]);
    expect(bytesOf((writer) => writer.integer(1, -1))).toEqual([0x08, ...Array(9).fill(0xff), 0x01]);
  });

  it('writes texts, floats and messages with their lengths', () => {
    expect(bytesOf((writer) => writer.text(2, 'testing'))).toEqual([0x12, 7, ...Buffer.from('testing')]);
    expect(bytesOf((writer) => writer.float(4, 1))).toEqual([0x25, 0, 0, 0x80, 0x3f]);
    expect(bytesOf((writer) => writer.message(3, (inner) => inner.integer(1, 150)))).toEqual([
      0x1a, 3, 0x08, 0x96, 0x01,
    ]);
  });

  it('grows as needed', () => {
    const large = new Uint8Array(100_000).fill(7);
    expect(bytesOf((writer) => writer.bytes(1, large)).length).toBe(large.length + 4);
  });
});
