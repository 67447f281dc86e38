import { describe, expect, it } from 'vitest';
import { ACCELERATORS, selectAccelerators } from './registry.js';

describe('the registry of accelerators', () => {
  it('holds each name once', () => {
    const names = ACCELERATORS.map(({ capabilities }) => capabilities.name);
    expect(names).toEqual([...new Set(names)]);
    const some = [
      'bismo-edge',
      'bismo-cloud',
      'bitfusion',
      'npu-int8-int4',
      'microcontroller',
      'tpu-128x128',
      'roofline',
    ];
    expect(names).toEqual(expect.arrayContaining(some));
  });

  it('gives accelerators in the order asked for', () => {
    const selected = selectAccelerators(['bismo-cloud', 'bismo-edge']);
    expect(selected.map(({ capabilities }) => capabilities.name)).toEqual(['bismo-cloud', 'bismo-edge']);
  });

  it('says not found and names those there are', () => {
    expect(() => selectAccelerators(['tpu'])).toThrowError(expect.objectContaining({ kind: 'not_found' }));
    expect(() => selectAccelerators(['tpu'])).toThrow(/"tpu".*bismo-edge, bismo-cloud/);
  });
});
