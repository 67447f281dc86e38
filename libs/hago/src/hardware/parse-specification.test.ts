import type { BitwrightError } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { parseHardwareSpecification } from './parse-specification.js';
import { findHardwarePreset, HARDWARE_PRESETS } from './presets.js';

const parse = (text: string) => parseHardwareSpecification(text, 'my.yaml');

const NPU = `
name: my-npu
operators:
  convolution:
    - { inputs: int8, output: int16 }
    - { inputs: [int8, int8], output: int32 }
  add: [{ inputs: int32, output: int32 }, { inputs: float32, output: float32 }]
`;

function refusalsOf(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'SPECIFICATION' });
    return (error as BitwrightError).violations.map(({ field, description }) => `${field} ${description}`);
  }
  return [];
}

describe('a hardware specification', () => {
  it('keeps the order of kernels, and requantizes on edges unless it says otherwise', () => {
    const specification = parse(NPU);
    expect(specification).toMatchObject({ name: 'my-npu', requantization: 'edge', unsignedCodes: false });
    expect(specification.operators.convolution).toEqual([
      { inputs: ['int8'], output: 'int16' },
      { inputs: ['int8', 'int8'], output: 'int32' },
    ]);
    expect(Object.keys(specification.operators)).toEqual(['convolution', 'add']);
  });

  it('may be JSON: every preset reads back as it is', () => {
    for (const preset of HARDWARE_PRESETS) expect(parse(JSON.stringify(preset))).toEqual(preset);
  });

  it('comes with presets by name', () => {
    expect(findHardwarePreset('int8-accelerator-int16').operators.convolution?.[0]?.output).toBe('int16');
    expect(() => findHardwarePreset('x')).toThrow(
      'there are onnxruntime-cpu, int8-accelerator, int8-accelerator-int16',
    );
  });
});

describe('a refused specification', () => {
  const operators = (text: string) => `name: x\noperators: ${text}`;

  it.each<[string, RegExp]>([
    ['operators: {}', /my.yaml: name is missing; use lower-case words/],
    ['name: x', /my.yaml: operators is missing; write an object with convolution/],
    [operators('{ convolutoin: [] }'), /operators.convolutoin is not known; the keys are convolution/],
    [operators('{ add: [] }'), /operators.add is \[\]; list kernels as/],
    [operators('{ add: fast }'), /operators.add is "fast"; list kernels as/],
    [operators('{ add: [{ inputs: int8 }] }'), /operators.add\[0\].output is missing; use one of float32, int8/],
    [operators('{ add: [{ inputs: int4, output: int8 }] }'), /operators.add\[0\].inputs is "int4"; use one of/],
    [operators('{ add: [{ inputs: [], output: int8 }] }'), /operators.add\[0\].inputs is \[\]; use one of/],
    [
      operators('{ add: [{ inputs: int8, output: float32 }] }'),
      /operators.add\[0\] .*; use integers only or float32 only/,
    ],
    [operators('{ convolution: [{ inputs: int16, output: int32 }] }'), /convolution\[0\] .*; use int8 for inputs/],
    [
      operators('{ average-pool: [{ inputs: int8, output: int8 }] }'),
      /average-pool\[0\] .*; use float32: Bitwright has no/,
    ],
    [
      operators('{ relu: [{ inputs: int32, output: int8 }] }'),
      /operators.relu\[0\] .*; use one type for inputs and output: relu gives codes as it reads them/,
    ],
    [operators('{ clip: [{ inputs: int8, output: int32 }] }'), /clip\[0\] .*; use one type for inputs and output/],
    [
      operators('{ max-pool: [{ inputs: int8, output: int8 }, { inputs: int16, output: int8 }] }'),
      /operators.max-pool\[1\] .*; use one type for inputs and output/,
    ],
    [operators('{ flatten: [{ inputs: int16, output: int32 }] }'), /flatten\[0\] .*; use one type for inputs and/],
    [`${NPU}requantization: node`, /requantization is "node"; use one of edge, kernel/],
    [`${NPU}unsignedCodes: true`, /unsignedCodes is true; use false: only kernels that requantize/],
    [
      `${NPU}requantization: kernel`,
      /operators.convolution\[0\].output is "int16"; use int32: a kernel that requantizes/,
    ],
    [
      operators('{ add: [{ inputs: [int8, int16], output: int32 }] }\nrequantization: kernel'),
      /operators.add\[0\].inputs is .*; use int8: a kernel that requantizes reads bytes/,
    ],
    [
      operators('{ global-average-pool: [{ inputs: int16, output: int32 }] }\nrequantization: kernel'),
      /operators.global-average-pool\[0\].inputs is "int16"; use int8: a kernel that requantizes reads bytes/,
    ],
    [
      operators(
        '{ max-pool: [{ inputs: float32, output: float32 }, { inputs: int16, output: int16 }] }\nrequantization: kernel',
      ),
      /operators.max-pool\[1\].inputs is "int16"; use int8: a kernel that requantizes reads bytes/,
    ],
    [`${NPU}unsignedCodes: 1`, /unsignedCodes is 1; use true or false/],
    ['', /holds no keys; write one line for each, starting with name: my-npu/],
    ['a: &a [1]\nb: *a', /uses the alias \*a/],
    ['name: [', /is not YAML/],
    [`name: ${'x'.repeat(70_000)}`, /a specification has at most 65536/],
  ])('says where, what was found and what to write: %s', (text, expected) => {
    expect(refusalsOf(text).join('\n')).toMatch(expected);
  });

  it('names all fields at once', () => {
    expect(refusalsOf('name: X\noperators: { add: 1 }\nmore: 2')).toHaveLength(3);
  });
});
