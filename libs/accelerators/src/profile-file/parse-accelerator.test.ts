import type { BitwrightError } from '@bitwright/core';
import { describeAccelerator, fullyConnectedLayer } from '@bitwright/hardware-kit/testing';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseAccelerator } from './parse-accelerator.js';

const BISMO = {
  ...{ model: 'bismo', name: 'file-bismo', arrayRows: 4, arrayColumns: 8, dotProductBits: 64, portBitsPerCycle: 32 },
  ...{ weightBufferWords: 1024, activationBufferWords: 512, clockMegahertz: 100, groupedLowering: 'block_diagonal' },
};
const SYSTOLIC = {
  ...{ model: 'systolic', name: 'file-array', arrayRows: 16, arrayColumns: 8, dataflow: 'input_stationary' },
  ...{ clockMegahertz: 500, macRate: { kind: 'fused' }, weightBits: [2, 4, 8], activationBits: [4, 8] },
  ...{ weightBufferKibibytes: 32, activationBufferKibibytes: 32, outputBufferKibibytes: 16 },
  ...{ dramGigabytesPerSecond: 4, groupedLowering: 'per_channel' },
};
const peak = (weightBits: number, activationBits: number, teraOperationsPerSecond: number) => ({
  ...{ weightBits, activationBits, teraOperationsPerSecond },
});
const ROOFLINE = {
  ...{ model: 'roofline', name: 'file-roof', dramGigabytesPerSecond: 50 },
  peaks: [peak(4, 4, 8), peak(4, 8, 4), peak(8, 4, 4), peak(8, 8, 4)],
};

const parse = (document: object) => parseAccelerator(stringify(document), 'my.yaml');

for (const document of [BISMO, SYSTOLIC, ROOFLINE]) describeAccelerator(parse(document));

/** Every refusal as `field description`, and how it is told apart. */
function refusalsOf(text: string): readonly string[] {
  try {
    parseAccelerator(text, 'my.yaml');
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_argument', reason: 'PROFILE' });
    return (error as BitwrightError).violations.map(({ field, description }) => `${field} ${description}`);
  }
  return [];
}

const without = (document: object, key: string) =>
  Object.fromEntries(Object.entries(document).filter(([name]) => name !== key));

describe('a profile', () => {
  it('may be JSON', () => {
    expect(parseAccelerator(JSON.stringify(ROOFLINE), 'my.json').capabilities.name).toBe('file-roof');
  });

  it('counts all layers, or leaves out the first and the last as HAQ does', () => {
    expect(parse(BISMO).capabilities.defaultCounted).toBe('all');
    for (const document of [BISMO, SYSTOLIC, ROOFLINE]) {
      expect(parse({ ...document, countedLayers: 'haq' }).capabilities.defaultCounted).toBe('without-first-and-last');
    }
  });

  it('has a version that changes with its text, and no validation', () => {
    const { version, validation } = parse(SYSTOLIC).capabilities;
    expect(version).toMatch(/^sha256-[0-9a-f]{12}$/);
    expect(parse(SYSTOLIC).capabilities.version).toBe(version);
    expect(parse({ ...SYSTOLIC, arrayRows: 17 }).capabilities.version).not.toBe(version);
    expect(validation).toEqual([]);
  });

  it('takes the energy of memory as a number or by its kind', () => {
    const energyOf = (dramPicojoulesPerBit: number | string) =>
      parse({ ...ROOFLINE, dramPicojoulesPerBit }).layerCost(fullyConnectedLayer(8, 8), 8, 8, 1).energyMj ?? 0;
    expect(energyOf('hbm2')).toBe(energyOf(4));
    expect(energyOf('ddr4')).toBeGreaterThan(energyOf('lpddr4'));
  });
});

describe('a refused profile', () => {
  it.each([
    ...Object.keys(without(BISMO, 'model')).map((key) => [BISMO, key] as const),
    ...Object.keys(without(SYSTOLIC, 'model')).map((key) => [SYSTOLIC, key] as const),
    ...Object.keys(without(ROOFLINE, 'model')).map((key) => [ROOFLINE, key] as const),
  ])('names the field that is missing: %o without %s', (document, key) => {
    expect(refusalsOf(stringify(without(document, key)))).toEqual([
      expect.stringMatching(new RegExp(`^my.yaml: ${key} is missing; (use|write|list) `)),
    ]);
  });

  it.each(
    [Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1e30, '8', true, null, [1]].flatMap((value) =>
      ['arrayRows', 'clockMegahertz', 'weightBufferKibibytes', 'dramGigabytesPerSecond'].map((key) => [key, value]),
    ),
  )('names the field, the value and the fix: %s %o', (key, value) => {
    const [refusal, ...others] = refusalsOf(stringify({ ...SYSTOLIC, [String(key)]: value }));
    expect(refusal).toMatch(new RegExp(`^my.yaml: ${key} is .+; use a (whole )?number from [0-9.]+ to [0-9]+$`));
    expect(others).toEqual([]);
  });

  it.each<[object, string, RegExp]>([
    [SYSTOLIC, 'name: Bad Name', /: name is "Bad Name"; use lower-case words with dashes/],
    [SYSTOLIC, 'arrayRows: 2.5', /: arrayRows is 2.5; use a whole number from 1 to 4096/],
    [SYSTOLIC, 'dataflow: os', /: dataflow is "os"; use one of output_stationary, weight_stationary, input_stationary/],
    [SYSTOLIC, 'macRate: fast', /: macRate is "fast"; write \{ kind: fixed \}/],
    [SYSTOLIC, 'macRate: { kind: magic }', /: macRate.kind is "magic"; write \{ kind: fixed \}/],
    [SYSTOLIC, 'macRate: { kind: simd, registerBits: 4 }', /: macRate.registerBits is 4; use a whole number from 8/],
    [SYSTOLIC, 'macRate: { kind: fixed, lanes: 2 }', /: macRate.lanes is not known; the keys are kind/],
    [SYSTOLIC, 'weightBits: []', /: weightBits is \[\]; list widths from 1 to 8, ascending/],
    [SYSTOLIC, 'weightBits: [8, 4]', /: weightBits is \[8,4\]; list widths from 1 to 8, ascending/],
    [SYSTOLIC, 'weightBits: [4, 16]', /: weightBits\[1\] is 16; use a whole number from 1 to 8/],
    [SYSTOLIC, 'groupedLowering: batch_rows', /: groupedLowering is "batch_rows"; use one of per_channel/],
    [SYSTOLIC, 'countedLayers: some', /: countedLayers is "some"; use one of all, haq/],
    [SYSTOLIC, 'dramPicojoulesPerBit: cheap', /: dramPicojoulesPerBit is "cheap"; use a number from 0 .*hbm2/],
    [SYSTOLIC, 'staticMilliwatts: -1', /: staticMilliwatts is -1; use a number from 0/],
    [SYSTOLIC, 'defaultBatchImages: 2000', /: defaultBatchImages is 2000; use at most maximumBatchImages/],
    [SYSTOLIC, 'validation: good', /: validation is "good"; list figures of \{ source, metric, errorPercent \}/],
    [SYSTOLIC, 'arayRows: 4', /: arayRows is not known; the keys are name, .*arrayRows/],
    [SYSTOLIC, '__proto__: 4', /: __proto__ is not known/],
    [
      BISMO,
      'groupedLowering: per_channel',
      /: groupedLowering is "per_channel"; use one of batch_rows, block_diagonal/,
    ],
    [BISMO, 'weightBits: [8]', /: weightBits is not known/],
    [ROOFLINE, 'peaks: 130', /: peaks is 130; list the peak of every pair/],
    [ROOFLINE, `peaks: ${JSON.stringify([peak(4, 4, 1), peak(8, 8, 1)])}`, /: peaks .*add an entry for 4-bit weights/],
    [ROOFLINE, `peaks: ${JSON.stringify([peak(8, 8, 1), peak(8, 8, 1)])}`, /: peaks .*keep one entry for 8-bit/],
    [
      ROOFLINE,
      `peaks: ${JSON.stringify([peak(4, 8, 1), peak(8, 8, 2)])}`,
      /: peaks\[1\].teraOperationsPerSecond is 2; use at most 1/,
    ],
    [
      ROOFLINE,
      `peaks: ${JSON.stringify([{ ...peak(8, 8, 1), executedWeightBits: 4 }])}`,
      /: peaks\[0\].executedWeightBits is 4; use at least 8/,
    ],
    [{ name: 'x' }, 'model: tpu', /: model is "tpu"; use one of bismo, systolic, roofline/],
    [{ name: 'x' }, 'model: toString', /: model is "toString"; use one of/],
    [{ name: 'x' }, 'arrayRows: 4', /: model is missing; use one of/],
  ])('names the field, what was found, and the fix: %o with %s', (document, line, message) => {
    const [key = ''] = line.split(':');
    expect(refusalsOf(`${stringify(without(document, key))}${line}\n`)[0]).toMatch(message);
  });

  it('names every field at once', () => {
    const fields = refusalsOf(stringify({ ...SYSTOLIC, name: 7, arrayRows: -3, colour: 'red', weightBits: [0] }));
    expect(fields.map((text) => text.split(' ')[1])).toEqual(['name', 'arrayRows', 'weightBits[0]', 'colour']);
  });

  it.each<[string, RegExp]>([
    ['', /^my.yaml holds no keys/],
    ['- model: systolic\n', /^my.yaml holds no keys/],
    ['model: [', /^my.yaml is not YAML: .*line 1/],
    ['model: bismo\nmodel: systolic\n', /^my.yaml is not YAML: Map keys must be unique at line 2/],
    ['model: systolic\n---\nmodel: bismo\n', /^my.yaml is not YAML: Source contains multiple documents/],
    ['model: &name systolic\nname: *name\n', /^my.yaml uses the alias \*name; write the value out/],
    ['model: &loop [*loop]\n', /^my.yaml uses the alias \*loop/],
  ])('says what is wrong with the text %j', (text, message) => {
    expect(refusalsOf(text)).toEqual([expect.stringMatching(message)]);
  });
});

describe('a text that is meant to exhaust', () => {
  const levels = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 20; level += 1) {
    levels.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  }

  it.each<[string, string, RegExp]>([
    ['a billion laughs', levels.join('\n'), /uses the alias/],
    ['nested lists', `model: ${'['.repeat(2000)}${']'.repeat(2000)}`, /nested more than 16 levels deep/],
    ['nested items', `${'- '.repeat(2000)}x`, /nested more than 16 levels deep/],
    ['nested keys', `${'? '.repeat(2000)}x`, /nested more than 16 levels deep/],
    ['a list of nothing', `model: [${','.repeat(60_000)}]`, /words and marks; a profile has at most/],
    ['thousands of anchors', '&a '.repeat(2400), /is not YAML/],
    ['a long word', 'x'.repeat(70_000), /has 70000 characters; a profile has at most 65536/],
  ])('is refused, not expanded: %s', (_, text, message) => {
    expect(refusalsOf(text)).toEqual([expect.stringMatching(message)]);
  });

  it('is answered with few sentences, however many keys it has', () => {
    const keys = Array.from({ length: 400 }, (_, index) => `key${index}: 1`).join('\n');
    expect(refusalsOf(`model: systolic\n${keys}`)).toHaveLength(50);
  });
});
