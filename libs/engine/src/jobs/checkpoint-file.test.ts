import { createRandomSource, deriveLayers } from '@bitwright/core';
import { exportOnnx } from '@bitwright/onnx';
import { expect, it } from 'vitest';
import { createToyNetwork } from '../evaluation/toy-task.test-support.js';
import { createParameters } from '../network/create-parameters.js';
import { readCheckpointFile, writeCheckpointFile } from './checkpoint-file.js';

const network = createToyNetwork();
const model = { network, parameters: createParameters(network, createRandomSource(1)) };
const layers = deriveLayers(network);
const FLOAT = { weight: { kind: 'float' }, activation: { kind: 'float' } } as const;

it('reads what it wrote', () => {
  const plan = layers.map((layer) => ({ layer, ...FLOAT }));
  expect(readCheckpointFile(writeCheckpointFile({ model, plan })).plan).toEqual(plan);
});

it.each([
  ['no metadata', undefined],
  ['no JSON', '{'],
  ['fewer layers', JSON.stringify([FLOAT])],
  ['no layers', JSON.stringify(layers.map(() => null))],
  ['an unknown quantizer', JSON.stringify(layers.map(() => ({ ...FLOAT, weight: { kind: 'constructor' } })))],
  ['fields of another type', JSON.stringify(layers.map(() => ({ ...FLOAT, weight: { kind: 'linear', grids: 7 } })))],
  [
    'numbers that are none',
    JSON.stringify(layers.map(() => ({ ...FLOAT, weight: { kind: 'k-means', centroids: [null] } }))),
  ],
])('refuses a file with %s', (_, plan) => {
  const file = exportOnnx(model, { metadata: plan === undefined ? {} : { 'bitwright.quantization': plan } });
  expect(() => readCheckpointFile(file)).toThrowError(
    expect.objectContaining({ kind: 'invalid_argument', reason: 'CHECKPOINT_FORMAT' }),
  );
});
