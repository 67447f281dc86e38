import { convolutionLayer, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { systolicLayerActivity } from './layer-activity.js';
import type { SystolicProfile } from './profile.js';
import { SMALL_ARRAY, SMALL_LAYER } from './small-array.test-support.js';

const eight = { weightBits: 8, activationBits: 8 };
const trafficOf = (change: Partial<SystolicProfile>, layer = SMALL_LAYER, batch = 1) =>
  systolicLayerActivity({ ...SMALL_ARRAY, ...change }, layer, eight, batch);

/** 960 bits of weights, 2400 of activations; 10 x 25 results of 8 bits, or sums of 32. */
const [weights, activations, results, partialSums] = [960, 2400, 2000, 8000];

describe('what a layer moves from and to memory', () => {
  it.each(['output_stationary', 'weight_stationary', 'input_stationary'] as const)(
    'is every tensor once where the buffers hold it: %s',
    (dataflow) => {
      expect(trafficOf({ dataflow })).toMatchObject({
        weightReadBits: weights,
        activationReadBits: activations,
        partialSumBits: 0,
        writtenBits: results,
        dramBits: weights + activations + results,
      });
    },
  );

  it('counts inputs that a stride passes over: memory moves whole tensors', () => {
    const strided = convolutionLayer({ inChannels: 12, outChannels: 10, size: 5, stride: 2 });
    expect(trafficOf({}, strided).activationReadBits).toBe(12 * 10 * 10 * 8);
  });

  it('takes activations again for each of the two column tiles of stationary weights', () => {
    // Half of 0.5 KiB is 2048 bits, half of 0.6 KiB is 2457.
    const dataflow = 'weight_stationary';
    expect(trafficOf({ dataflow, activationBufferKibibytes: 0.5 }).activationReadBits).toBe(2 * activations);
    expect(trafficOf({ dataflow, activationBufferKibibytes: 0.6 }).activationReadBits).toBe(activations);
  });

  it('sends partial sums out and back between the three row tiles where the output buffer is too small', () => {
    // One column of tiles has 8 x 25 sums: 6400 bits.
    const dataflow = 'weight_stationary';
    expect(trafficOf({ dataflow, outputBufferKibibytes: 1.5 }).partialSumBits).toBe(2 * 2 * partialSums);
    expect(trafficOf({ dataflow, outputBufferKibibytes: 1.6 }).partialSumBits).toBe(0);
  });

  it('takes weights again for each of the four column tiles of stationary inputs', () => {
    const dataflow = 'input_stationary';
    expect(trafficOf({ dataflow, weightBufferKibibytes: 0.125 }).weightReadBits).toBe(4 * weights);
    // 10 x 8 sums: 2560 bits.
    expect(trafficOf({ dataflow, outputBufferKibibytes: 0.6 }).partialSumBits).toBe(2 * 2 * partialSums);
    expect(trafficOf({ dataflow, outputBufferKibibytes: 0.625 }).partialSumBits).toBe(0);
  });

  it('takes the order that moves less where outputs are stationary', () => {
    // A row of tiles has 384 bits of weights, a column of tiles 768 of activations.
    const small = { weightBufferKibibytes: 0.125, activationBufferKibibytes: 0.5 };
    // Rows outside: 960 + 3 x 2400; columns outside: 4 x 960 + 2400.
    expect(trafficOf(small)).toMatchObject({ weightReadBits: 4 * weights, activationReadBits: activations });
    // Columns no longer fit, so that rows outside is the better order.
    const smaller = { ...small, activationBufferKibibytes: 0.125 };
    expect(trafficOf(smaller)).toMatchObject({ weightReadBits: weights, activationReadBits: 3 * activations });
  });

  it('takes the weights of a convolution again for each image unless all of them stay', () => {
    expect(trafficOf({ weightBufferKibibytes: 0.125 }, SMALL_LAYER, 3).weightReadBits).toBe(3 * weights);
    expect(trafficOf({ weightBufferKibibytes: 0.25 }, SMALL_LAYER, 3).weightReadBits).toBe(weights);
  });

  it('takes the weights of a fully connected layer once for a batch', () => {
    const layer = fullyConnectedLayer(1280, 1000);
    const change = { dataflow: 'weight_stationary', weightBufferKibibytes: 1 } as const;
    expect(trafficOf(change, layer, 16).weightReadBits).toBe(1280 * 1000 * 8);
  });
});

describe('what a layer moves between buffers and array', () => {
  const columns = 12 * 25 * 8;

  it.each([
    ['output_stationary', 4 * weights + 3 * columns + results],
    ['weight_stationary', weights + 2 * columns + 5 * partialSums],
    ['input_stationary', 4 * weights + columns + 5 * partialSums],
  ] as const)('is what streams past for every tile, %s', (dataflow, bits) => {
    expect(trafficOf({ dataflow }).sramBits).toBe(bits);
  });

  it('counts what overlapping windows read several times', () => {
    const layer = convolutionLayer({ inChannels: 12, outChannels: 4, size: 2, kernel: 3 });
    expect(trafficOf({}, layer).sramBits).toBe(12 * 9 * 4 * 8 + 12 * 9 * 4 * 8 + 4 * 4 * 8);
  });
});
