import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createLayer } from '../testing/problems.js';
import { stateEmbedding } from './state-embedding.js';

type Case = { network: string; raw_static: number[][]; normalized: number[][] };

const fixture = JSON.parse(readFileSync(new URL('fixtures/state-embedding.json', import.meta.url), 'utf8')) as {
  state_embedding: Case[];
};

test.each(fixture.state_embedding)(
  "the state embedding of $network is the reference's, to every printed digit",
  ({ raw_static, normalized }) => {
    const layers = raw_static.map((row) => fromRow(row));
    const embedding = stateEmbedding(layers, 'linear').map((row) => [...row].map((value) => Number(value.toFixed(12))));
    expect(embedding).toEqual(normalized);
  },
);

test('k-means states have 9 columns, the last one for the previous bits', () => {
  const layers = [createLayer(0, 'convolution', 3, 8), createLayer(1, 'pointwise', 8, 8)];
  expect(stateEmbedding(layers, 'k-means').map((row) => row.length)).toEqual([9, 9]);
});

function fromRow(row: number[]) {
  const [depthwise, inChannels, outChannels, stride, kernel, weights, pixels, index] = row as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const kind =
    stride === 0 ? 'fully-connected' : depthwise === 1 ? 'depthwise' : kernel === 1 ? 'pointwise' : 'convolution';
  const size = Math.sqrt(pixels);
  return {
    ...createLayer(index, kind, inChannels, outChannels),
    stride,
    kernelHeight: kernel,
    weights,
    inputHeight: size,
    inputWidth: size,
  };
}
