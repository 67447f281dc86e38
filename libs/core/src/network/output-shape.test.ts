import { describe, expect, it } from 'vitest';
import { convolution, SMALL_NETWORK } from '../fixtures/small-network.js';
import { outputShape } from './output-shape.js';

describe('the output shape of an operation', () => {
  it('agrees with a network drawn by hand', () => {
    const shapes = new Map(SMALL_NETWORK.nodes.map((node) => [node.id, node.output]));
    for (const { operation, inputs, output } of SMALL_NETWORK.nodes) {
      expect(outputShape(operation, shapes.get(inputs[0] ?? '') ?? SMALL_NETWORK.input)).toEqual(output);
    }
  });

  it('rounds windows down', () => {
    expect(outputShape(convolution(5, 3, 2, 1), { height: 7, width: 8, channels: 3 })).toEqual({
      height: 4,
      width: 4,
      channels: 5,
    });
  });

  it('flattens to one row of channels', () => {
    const flat = outputShape({ kind: 'flatten' }, { height: 2, width: 3, channels: 4 });
    expect(flat).toEqual({ height: 1, width: 1, channels: 24 });
  });
});
