import { describe, expect, it } from 'vitest';
import { convolution, SMALL_LAYERS, SMALL_NETWORK } from '../fixtures/small-network.js';
import { deriveLayers } from './layers.js';

const column = <K extends keyof (typeof SMALL_LAYERS)[number]>(key: K) => SMALL_LAYERS.map((layer) => layer[key]);

describe('the quantizable layers', () => {
  it('are the convolutions and fully connected nodes in topological order', () => {
    expect(column('name')).toEqual(['stem', 'depthwise', 'project', 'expand', 'grouped', 'classifier']);
    expect(column('index')).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('have a kind by kernel and groups; a grouped convolution is no depthwise one', () => {
    const kinds = ['convolution', 'depthwise', 'pointwise', 'pointwise', 'convolution', 'fully-connected'];
    expect(column('kind')).toEqual(kinds);
  });

  it('count weights per group', () => {
    expect(column('weights')).toEqual([4 * 3 * 9, 4 * 9, 6 * 4, 6 * 6, (8 * 6 * 9) / 2, 80]);
  });

  it('count MACs as weights times output positions', () => {
    expect(column('macs')).toEqual([108 * 16, 36 * 16, 24 * 16, 36 * 16, 216 * 16, 80]);
  });

  it('count the elements of their input and output for one image', () => {
    expect(column('inputElements')).toEqual([192, 64, 64, 96, 96, 8]);
    expect(column('outputElements')).toEqual([64, 64, 96, 96, 128, 10]);
  });

  it('know their sizes', () => {
    const { inputHeight, inputWidth, outputHeight, outputWidth, stride, kernelHeight, inChannels, outChannels } =
      SMALL_LAYERS[0]!;
    expect([inputHeight, inputWidth, outputHeight, outputWidth]).toEqual([8, 8, 4, 4]);
    expect([stride, kernelHeight, inChannels, outChannels]).toEqual([2, 3, 3, 4]);
  });

  it('have a signed input unless it is rectified, pooled or added from rectified tensors', () => {
    expect(column('inputSigned')).toEqual([true, false, false, true, true, false]);
  });

  it('name the tensor they read, so that layers that read the same one are tied', () => {
    expect(column('inputTensor')).toEqual(['input', 'stem.relu', 'depthwise.relu', 'project.norm', 'add', 'pool']);
  });

  it('read a whole feature map when a classifier is applied to it', () => {
    const nodes = SMALL_NETWORK.nodes.map((node) =>
      node.id === 'classifier' ? { ...node, inputs: ['grouped'] } : node,
    );
    const classifier = deriveLayers({ ...SMALL_NETWORK, nodes }).at(-1)!;
    expect(classifier.inChannels).toBe(128);
    expect(classifier.weights).toBe(1280);
  });

  it('take a one-channel convolution in one group for a plain one', () => {
    const nodes = [
      { id: 'input', operation: { kind: 'input' as const }, inputs: [], output: { height: 4, width: 4, channels: 1 } },
      { id: 'c', operation: convolution(8, 3, 1, 1), inputs: ['input'], output: { height: 4, width: 4, channels: 8 } },
    ];
    const network = { name: 'n', input: nodes[0]!.output, classes: 8, nodes };
    expect(deriveLayers(network)[0]?.kind).toBe('convolution');
  });

  it('are none in a network without any', () => {
    expect(deriveLayers({ ...SMALL_NETWORK, nodes: SMALL_NETWORK.nodes.slice(0, 1) })).toEqual([]);
  });
});
