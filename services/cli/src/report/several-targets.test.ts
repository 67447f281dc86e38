import { stripVTControlCharacters } from 'node:util';
import { frontMetric } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { layerPicture } from '../terminal/layer-picture.js';
import { bestText } from '../terminal/progress-text.js';
import { reportText } from '../terminal/report-text.js';
import { resultTable } from '../terminal/result-table.js';
import { renderReportHtml } from './html.js';
import { toPolicyFile } from './policy-file.js';
import { twoTargetReport } from './several-targets.test-support.js';

const report = twoTargetReport();
const linesOf = (text: string) => stripVTControlCharacters(text).split('\n');

describe('a report on several targets', () => {
  it('has columns for each in the table of results, narrow or wide', () => {
    for (const columns of [200, 100]) {
      const lines = linesOf(resultTable(report, columns));
      expect(lines.find((line) => line.includes('policy'))).toMatch(
        /bismo-edge ms.*of 8 bit.*mJ.*bismo-cloud ms.*of 8 bit/,
      );
      expect(lines.find((line) => line.includes('uniform 6 bit'))).toMatch(/0\.1580.*0\.752x.*0\.0790.*0\.752x/);
      expect(lines.at(-1)).toContain('batches of 1 (bismo-edge), 4 (bismo-cloud)');
    }
  });

  it('has the latency of each layer on each, and what bounds it there', () => {
    const lines = linesOf(layerPicture(report));
    expect(lines[0]).toMatch(/bismo-edge ms {2}of 8 bit {2}bound by +bismo-cloud ms {2}of 8 bit {2}bound by$/);
    expect(lines[2]).toMatch(/memory +0\.00\d+ +\S+x {2}overhead$/);
    expect(lines.at(-1)).toMatch(
      /bound on bismo-edge: 13 by compute, 13 by memory .* bound on bismo-cloud: 26 by overhead/,
    );
  });

  it('says what became of a limit on each', () => {
    const text = linesOf(reportText(report)).join(' ');
    expect(text).toMatch(
      /latency<=0\.6x on bismo-edge means 0\.1260 ms, reached .*; latency<=0\.6x on bismo-cloud means 0\.06300 ms/,
    );
  });

  it('draws its front against the worst latency relative to 8 bits, with the limit that all share', () => {
    const metric = frontMetric(report);
    expect(metric.label).toBe('x of 8-bit latency, worst target');
    expect(metric.limit).toBeCloseTo(0.6);
    const targets = [
      { hardware: 'bismo-edge', latencyMs: 0.021, energyMj: null },
      { hardware: 'bismo-cloud', latencyMs: 0.021, energyMj: null },
    ];
    expect(metric.of({ ...report.result, targets })).toBeCloseTo(0.2);
    const constraints = report.constraints.slice(0, 1);
    expect(frontMetric({ ...report, constraints }).limit).toBeUndefined();
  });

  it('has a section of layers for each in the page', () => {
    const html = renderReportHtml(report);
    const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings.slice(3, 7)).toEqual([
      'Latency of each layer on bismo-edge',
      'Why these bits on bismo-edge',
      'Latency of each layer on bismo-cloud',
      'Why these bits on bismo-cloud',
    ]);
    expect(html.match(/<svg /g)).toHaveLength(4);
    expect(html).toContain('mobilenet-v1 0.25, 32x32 on bismo-edge and bismo-cloud');
    expect(html).toContain('latency on bismo-cloud');
  });

  it('says that layers of hardware that is not additive do not add up', () => {
    const { provenance } = report;
    const targets = provenance.targets?.map((target, index) => ({ ...target, additive: index === 0 }));
    const html = renderReportHtml({ ...report, provenance: { ...provenance, ...(targets && { targets }) } });
    expect(html.match(/is not their sum/g)).toHaveLength(1);
  });

  it('names all targets in policy.json', () => {
    expect(toPolicyFile(report)).toMatchObject({ hardware: 'bismo-edge', targets: ['bismo-edge', 'bismo-cloud'] });
  });
});

it('the best so far is shown with its latency on each target', () => {
  const { policy, result } = report;
  const targets = [
    { hardware: 'bismo-edge', latencyMs: 1.5, energyMj: undefined },
    { hardware: 'bismo-cloud', latencyMs: undefined, energyMj: 2 },
  ];
  const cost = {
    latencyMs: 1.5,
    energyMj: undefined,
    sizeBytes: 1,
    bops: 1,
    effectiveBits: result.effectiveBits,
    targets,
  };
  const best = { accuracy: 0.9, origin: 'haq/actor', cost, policy };
  expect(bestText({ best, phase: 'searching' })).toBe(
    'best 90.00 % (validation) at 1.500 ms (bismo-edge) and – (bismo-cloud), 4.61 bits (haq)',
  );
});
