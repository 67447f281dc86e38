import { readFileSync } from 'node:fs';
import { modelDigest } from '@bitwright/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportOnnx, importOnnx } from '../index.js';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}.onnx`, import.meta.url));

describe('exportOnnx', () => {
  it.each(['torch-residual', 'torch-residual-unfused', 'operators'])(
    'writes what importOnnx reads back bit for bit: %s',
    (name) => {
      const { model } = importOnnx(fixture(name));
      const again = importOnnx(exportOnnx(model)).model;
      expect(again.network).toEqual(model.network);
      expect(modelDigest(again)).toBe(modelDigest(model));
    },
  );

  it('keeps every finite float and every property', () => {
    const { model } = importOnnx(fixture('operators'));
    const bias = fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(bias, fc.dictionary(fc.string({ minLength: 1 }), fc.string()), (values, metadata) => {
        const parameters = new Map([...model.parameters, ['classifier.bias', { shape: [4], values }]]);
        const again = importOnnx(exportOnnx({ ...model, parameters }, { metadata }));
        expect(again.model.parameters.get('classifier.bias')?.values).toEqual(values);
        expect(again.metadata).toEqual({ ...metadata });
      }),
    );
  });
});
