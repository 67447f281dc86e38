import { parseConstraint } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { describeSearch } from './describe-search.js';

describe('what a search is going to do', () => {
  it('is told in two lines', () => {
    const flags = { network: 'mobilenet-v1', width: 0.25, 'image-size': 32, classes: 10, dataset: 'fashion-mnist' };
    const budget = [parseConstraint('latency<=0.6x'), parseConstraint('size<=1MB')];
    expect(describeSearch({ ...flags, hardware: ['bismo-edge'], trials: 60, budget })).toEqual([
      'Looking for the bits of each layer of mobilenet-v1 0.25 (32x32, 10 classes), trained on fashion-mnist, that keep the most accuracy',
      'on bismo-edge with at most 60 % of the 8-bit latency and size<=1000000B: haq tries 60 policies, the best are fine-tuned and exported to ONNX.',
    ]);
  });

  it('names every target, and which of them a limit is for', () => {
    const budget = [parseConstraint('latency@bismo-edge<=0.6x'), parseConstraint('energy<=0.5x')];
    const lines = describeSearch({ model: 'net.onnx', dataset: 'd', hardware: ['bismo-edge', 'bismo-cloud'], budget });
    expect(lines[1]).toMatch(
      /^on bismo-edge and bismo-cloud with at most 60 % of the 8-bit latency on bismo-edge and at most 50 % of the 8-bit energy:/,
    );
  });

  it('names the file of a model, and the absence of a limit', () => {
    const lines = describeSearch({ model: 'net.onnx', dataset: 'd', hardware: ['h'], trials: 5, strategy: 'random' });
    expect(lines.join(' ')).toMatch(/layer of net\.onnx, .* on h with no limit: random tries 5 policies/);
  });
});
