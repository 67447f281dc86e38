import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { sampleReport } from '../report/sample-report.test-support.js';
import { frontPicture } from './front-picture.js';
import { layerPicture } from './layer-picture.js';
import { plainTable } from './plain-table.js';
import { reportText } from './report-text.js';
import { resultTable } from './result-table.js';

const linesOf = (text: string) => stripVTControlCharacters(text).split('\n');

describe('the picture of layers', () => {
  const lines = linesOf(layerPicture(sampleReport()));

  it('has a line for each layer with both widths as bars and numbers', () => {
    expect(lines).toHaveLength(1 + 28 + 1);
    expect(lines[2]).toMatch(/^block1\.depthwise +█{6}·· {2}6 {2}█{5}··· {2}5 .* memory$/);
  });

  it('says what bounds a layer, how it compares with 8 bit, and that the first does not count', () => {
    expect(lines[1]).toMatch(/0\.48x {2}compute, not counted$/);
    expect(lines.at(-1)).toContain('bound: 13 by compute, 13 by memory');
  });

  it('says so when the hardware runs another precision, and shows float', () => {
    const report = sampleReport();
    const [first, ...others] = report.layers;
    const odd = {
      ...(first as NonNullable<typeof first>),
      weightBits: 3,
      executedWeightBits: 4,
      activationBits: 32,
      executedActivationBits: 8,
      bound: null,
    };
    const line = linesOf(layerPicture({ ...report, layers: [odd, ...others] }))[1];
    expect(line).toMatch(/█{8} {2}f .*runs as 4\/8, not counted$/);
  });
});

it('the picture of layers says which latencies are guesses', () => {
  const report = sampleReport();
  const layers = report.layers.map((layer, index) => ({ ...layer, interpolated: index === 3 }));
  const marked = linesOf(layerPicture({ ...report, layers })).map((line) => line.includes('interpolated'));
  expect(marked.map((isMarked, line) => (isMarked ? line : 0)).filter(Boolean)).toEqual([4]);
});

describe('the picture of the front', () => {
  it('shows front, result and budget, each within its frame', () => {
    const lines = linesOf(frontPicture(sampleReport()));
    const drawing = lines.slice(0, 14).join('\n');
    expect(drawing.match(/◆/g)).toHaveLength(1);
    expect(drawing).toContain('●');
    expect(drawing.match(/┊/g)?.length).toBeGreaterThan(5);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.at(-3)).toMatch(/0\.2100 ms$/);
  });

  it('is drawn from a single policy, and for a budget in bytes', () => {
    const report = sampleReport();
    const trials = report.trials.slice(1, 2);
    const constraints = [
      { metric: 'size', budget: 'size<=1MB', limit: 1e6, reference: 2e6, smallest: 1e5, reached: 5e5 },
    ];
    const lines = linesOf(frontPicture({ ...report, trials, front: [], constraints }));
    expect(lines.at(-3)).toMatch(/kB$/);
    expect(lines.slice(0, 14).join('').match(/·/g)).toHaveLength(1);
  });

  it('is a sentence when nothing was measured', () => {
    expect(frontPicture({ ...sampleReport(), trials: [] })).toBe('No policy was measured.');
  });
});

describe('the table of results', () => {
  it('has rules on a wide terminal and none on a narrow one, with the same content', () => {
    const [wide, narrow] = [resultTable(sampleReport(), 120), resultTable(sampleReport(), 80)].map(linesOf);
    expect(wide?.[0]).toMatch(/^┌─/);
    expect(narrow?.[0]).toMatch(/^policy/);
    for (const text of ['92.38 %', '0.752x', 'uniform 4 bit *', '121.4 kB']) {
      expect(wide?.join()).toContain(text);
      expect(narrow?.join()).toContain(text);
    }
    expect(Math.max(...(narrow ?? []).slice(0, 6).map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('puts accuracy of the validation split in brackets, and says so', () => {
    const report = sampleReport();
    const text = linesOf(resultTable({ ...report, result: { ...report.result, testAccuracy: null } }, 120)).join('\n');
    expect(text).toContain('(92.04 %)');
    expect(text).toContain('in brackets: 2,048 of 5,000 validation images');
  });
});

describe('a plain table', () => {
  it('sets numbers to the right and text to the left', () => {
    expect(
      linesOf(
        plainTable(
          ['name', 'count'],
          [
            ['a', '1,000'],
            ['longer', '7'],
          ],
        ),
      ),
    ).toEqual(['name    count', 'a       1,000', 'longer      7']);
  });
});

describe('the text of a report', () => {
  it('begins with what was found and how it compares', () => {
    const text = stripVTControlCharacters(reportText(sampleReport()));
    expect(text).toContain('completed in 2 min 41 s');
    expect(text).toContain('haq found 91.87 % on 2,048 of 10,000 test images, 0.54 points below float');
    expect(text).toContain('latency<=0.6x means 0.1260 ms');
  });
});
