import { describe, expect, it } from 'vitest';
import { answerText } from '../terminal/answer-text.js';
import { filesText } from '../terminal/files-text.js';
import { frontPicture } from '../terminal/front-picture.js';
import { bestText } from '../terminal/progress-text.js';
import { resultTable } from '../terminal/result-table.js';
import { summaryText } from '../terminal/summary-text.js';
import { renderReportHtml } from './html.js';
import { sampleReport } from './sample-report.test-support.js';

/** A search whose final figures are of 500 test images. */
function quickReport() {
  const report = sampleReport();
  const { provenance } = report;
  const finalFidelity = { ...provenance.spec.finalFidelity, validationSamples: 500 };
  return { ...report, provenance: { ...provenance, spec: { ...provenance.spec, finalFidelity } } };
}

describe('an accuracy', () => {
  const report = quickReport();
  const unfinished = { ...report, result: { ...report.result, testAccuracy: null } };

  it('says on how many images of which split it is', () => {
    expect(summaryText(report)).toContain('% on 500 of 10,000 test images');
    expect(summaryText(unfinished)).toContain('on 2,048 of 5,000 validation images, not yet fine-tuned');
    expect(resultTable(report, 80)).toContain('accuracy: 500 of 10,000 test images');
    expect(frontPicture(report)).toContain('up: accuracy on 2,048 of 5,000 validation images');
  });

  it('of an exported model is of all test images, whatever those of the search are of', () => {
    const files = { policy: 'p', reportHtml: 'h', reportJson: 'j', model: 'm', integers: undefined };
    expect(filesText(files, report, '/')).toMatch(/% on all 10,000 test images in ONNX Runtime/);
  });

  it('on the page is as in the terminal', () => {
    const html = renderReportHtml(report);
    expect(html).toContain('top-1 on 500 of 10,000 test images of');
    expect(html).toContain('of 500 of 10,000 test images; float');
    expect(html).toContain('of all 10,000 test images');
    expect(html).toContain('on 2,048 of 5,000 validation images, before the final fine-tuning');
    expect(renderReportHtml(unfinished)).toContain('of 2,048 of 5,000 validation images, not yet fine-tuned');
  });

  it('of a running search is of validation images until finalists are compared', () => {
    const cost = { latencyMs: 1, energyMj: 1, sizeBytes: 1, bops: 1, effectiveBits: 4 };
    const policy = { weightQuantizer: 'linear', granularity: 'per-channel', layers: [] } as const;
    const best = { accuracy: 0.9, origin: 'haq/actor', cost, policy };
    expect(bestText({ best, phase: 'finetuning' })).toContain('90.00 % (validation)');
    expect(bestText({ best, phase: 'exporting' })).toContain('90.00 % (test)');
  });
});

it('limits have units', () => {
  const [latency] = sampleReport().constraints;
  const constraints = (['latency', 'energy', 'size', 'bops', 'effective-bits'] as const).map((metric) => ({
    ...{ ...latency, metric, budget: metric, limit: 4e6, reached: 2e6, reference: 8e6, smallest: 1 },
  }));
  expect(summaryText({ ...sampleReport(), constraints })).toMatch(
    /latency means 4000000 ms, .* mJ; size means 4\.00 MB, .* MB; bops means 4\.000 million bit operations, .* bits\.$/,
  );
  const limits = [
    { budget: 'latency<=1ms', metric: 'latency', hardware: undefined, limit: 1, reached: 0.5, shadowPrice: 0 },
  ];
  const cost = { sizeBytes: 1, effectiveBits: 1 };
  const answer = { policy: { layers: [] }, layers: [], cost, objective: { name: 'loss', value: 1 }, limits };
  expect(answerText(answer as never)).toMatch(/latency<=1ms .* 1\.000 ms .*0\.5000 ms/);
});
