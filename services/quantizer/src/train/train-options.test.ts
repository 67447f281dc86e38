import { describe, expect, it } from 'vitest';
import { parseTrainOptions } from './train-options.js';

describe('parseTrainOptions', () => {
  it('needs no flag, and reads those there are', () => {
    expect(parseTrainOptions([])).toMatchObject({
      network: 'mobilenet-v1',
      width: 1,
      dataset: 'fashion-mnist',
      epochs: 20,
    });
    const options = parseTrainOptions([
      '--network',
      'mobilenet-v2',
      '--width',
      '0.35',
      '--output-stride',
      '8',
      '--seed',
      '0',
    ]);
    expect(options).toMatchObject({ network: 'mobilenet-v2', width: 0.35, outputStride: 8, seed: 0 });
    expect(parseTrainOptions(['--help'])).toBe('help');
  });

  it.each([
    [['--width', 'wide'], /--width: "wide" is not a number above 0/],
    [['--epochs', '2.5'], /--epochs: "2.5" is not a whole number above 0/],
    [['--weight-decay=-1'], /--weight-decay: "-1" is not a number from 0/],
    [['--widht', '1'], /command line: .*--widht/],
  ])('refuses %j, naming the flag', (args, message) => {
    expect(() => parseTrainOptions(args)).toThrowError(message);
  });
});
