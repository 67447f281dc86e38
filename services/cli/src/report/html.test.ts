import { describe, expect, it } from 'vitest';
import { renderReportHtml } from './html.js';
import { sampleReport } from './sample-report.test-support.js';

const SECTIONS = [
  'Result and controls',
  'Pareto front',
  'Bits of each layer',
  'Latency of each layer',
  'Why these bits',
  'Where the numbers come from',
];

describe('report.html', () => {
  const html = renderReportHtml(sampleReport());

  it('has every section, and a chart in three of them', () => {
    const headings = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading);
    expect(headings).toEqual(SECTIONS);
    expect(html.match(/<svg /g)).toHaveLength(3);
  });

  it('needs nothing from outside and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|@import|url\((?!#)/i);
    const addresses = [...html.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([address]) => new URL(address).hostname);
    expect(new Set(addresses)).toEqual(new Set(['www.w3.org']));
  });

  it('shows controls and result with their figures', () => {
    for (const text of [
      'uniform 4 bit (the most that fits)',
      'found (haq)',
      '91.87 %',
      '0.54 points below float',
      'opset 21',
    ]) {
      expect(html).toContain(text);
    }
  });

  it('marks the latencies that are guesses, and only them', () => {
    const report = sampleReport();
    expect(html).not.toContain('interpolated');
    const layers = report.layers.map((layer, index) => ({ ...layer, interpolated: index < 2 }));
    expect(renderReportHtml({ ...report, layers }).match(/\(interpolated\)/g)).toHaveLength(2);
  });

  it('escapes whatever a user could have named', () => {
    const report = sampleReport();
    const [first, ...others] = report.layers;
    const evil = '<b onload="x">&amp;</b>';
    const page = renderReportHtml({
      ...report,
      searchId: evil,
      layers: [{ ...(first as NonNullable<typeof first>), name: evil }, ...others],
      provenance: { ...report.provenance, dataset: evil },
    });
    expect(page).not.toContain('<b onload');
    expect(page).toContain('&#60;b onload=&#34;x&#34;&#62;');
  });

  it('says what the points of a multipoint result add up to', () => {
    const report = sampleReport();
    const points = { points: 1234, sizeBytes: 56_000, operationsRatio: 1.75 };
    const exported = report.exported && { ...report.exported, points };
    expect(renderReportHtml({ ...report, exported })).toContain(
      '1234 low-bit vectors, 56.0 kB with their coefficients, 1.75',
    );
    expect(renderReportHtml(report)).not.toContain('low-bit vectors');
  });

  it('is made of a search that was cancelled before its final fine-tuning, too', () => {
    const { result, baselines, ...report } = sampleReport();
    const unfinished = (entry: typeof result) => ({ ...entry, testAccuracy: null });
    const page = renderReportHtml({
      ...{ ...report, state: 'cancelled', result: unfinished(result), baselines: baselines.map(unfinished) },
      ...{ strategyBest: null, exported: null, constraints: [], front: [], trials: [] },
    });
    expect(page).toContain('not yet fine-tuned');
    expect(page).toContain('none: the search ended before it');
    expect(page).toContain('No budget was set.');
  });
});
