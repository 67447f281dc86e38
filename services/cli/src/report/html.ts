import type { Report, ReportEntry, ReportLayer } from '@bitwright/core';
import { formatAccuracy, formatBytes, formatNumber, formatSeconds } from '../terminal/format.js';
import { bitsChart, frontChart, latencyChart } from './charts.js';
import { latencyRatio, type ResultRow, resultRows } from './rows.js';

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; color: #0f172a; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #e2e8f0; }
  th:first-child, td:first-child { text-align: left; }
  tr.result { font-weight: 600; background: #f0fdfa; } tr.quiet { color: #94a3b8; }
  .lead { font-size: 1.05rem; } .note { color: #475569; } svg { max-width: 100%; height: auto; }`;

/** A self-contained page: no scripts, no outside resources. */
export function renderReportHtml(report: Report): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Bitwright: ${escapeHtml(titleOf(report))}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeHtml(titleOf(report))}</h1>
<p class="lead">${escapeHtml(summaryOf(report))}</p>
<h2>Result and controls</h2>
<p class="note">Test accuracy is top-1 on the test split (${report.provenance.splits.test} samples) after the same final fine-tuning; a value in brackets is on the validation split. Latency and energy are of a batch of ${report.provenance.hardware.batch}.</p>
${resultTableHtml(report)}
<h2>Pareto front</h2>
<p class="note">As the search measured it, on the validation split, before the final fine-tuning.</p>
${frontChart(report)}
<h2>Bits of each layer</h2>
${bitsChart(report)}
<h2>Latency of each layer</h2>
${latencyChart(report)}
${layerTableHtml(report)}
<h2>Where the numbers come from</h2>
${provenanceHtml(report)}
</body></html>
`;
}

function titleOf({ provenance }: Report): string {
  const { model, hardware } = provenance.spec;
  const name = model.kind === 'zoo' ? `${model.network} ${model.width}` : 'your model';
  return `${name} on ${hardware.name}`;
}

function summaryOf(report: Report): string {
  const { result, constraints } = report;
  const float = report.baselines.find(({ strategy }) => strategy === 'float');
  const budget = constraints.map(
    ({ budget: text, limit, reached }) => `${text} (limit ${formatNumber(limit)}, reached ${formatNumber(reached)})`,
  );
  const drop =
    float?.testAccuracy != null && result.testAccuracy !== null
      ? `, ${(100 * (float.testAccuracy - result.testAccuracy)).toFixed(2)} points below float`
      : '';
  const found = `Found by ${result.strategy}: ${formatAccuracy(result.testAccuracy ?? result.validationAccuracy)}${drop}`;
  return `${found}; ${formatBytes(result.sizeBytes)}, ${result.effectiveBits.toFixed(2)} bits a weight. Budget: ${budget.join(', ') || 'none'}.`;
}

function resultTableHtml(report: Report): string {
  const heads = ['policy', 'test accuracy', 'latency ms', 'of 8 bit', 'energy mJ', 'size', 'mean weight bits', 'fits'];
  return tableHtml(
    heads,
    resultRows(report).map((row) => resultRowHtml(report, row)),
  );
}

function resultRowHtml(report: Report, { label, entry, isResult }: ResultRow): string {
  const ratio = latencyRatio(report, entry);
  const cells = [
    label,
    accuracyCell(entry),
    formatNumber(entry.latencyMs),
    ratio === undefined ? '–' : `${ratio.toFixed(3)}x`,
  ];
  const rest = [
    formatNumber(entry.energyMj),
    formatBytes(entry.sizeBytes),
    entry.effectiveBits.toFixed(2),
    entry.feasible ? 'yes' : 'no',
  ];
  return rowHtml([...cells, ...rest], isResult ? 'result' : '');
}

const accuracyCell = ({ testAccuracy, validationAccuracy }: ReportEntry) =>
  testAccuracy === null ? `(${formatAccuracy(validationAccuracy)})` : formatAccuracy(testAccuracy);

function layerTableHtml(report: Report): string {
  const heads = [
    'layer',
    'kind',
    'weight bits',
    'activation bits',
    'runs as',
    'latency ms',
    'at 8 bit',
    'energy mJ',
    'traffic',
    'bound by',
  ];
  return tableHtml(heads, report.layers.map(layerRowHtml));
}

function layerRowHtml(layer: ReportLayer): string {
  const { name, kind, weightBits, activationBits, executedWeightBits, executedActivationBits } = layer;
  const traffic = layer.trafficBytes === null ? '–' : formatBytes(layer.trafficBytes);
  const bits = [`${weightBits}`, `${activationBits}`, `${executedWeightBits}/${executedActivationBits}`];
  const costs = [
    formatNumber(layer.latencyMs),
    formatNumber(layer.latencyMsAt8Bits),
    formatNumber(layer.energyMj),
    traffic,
  ];
  return rowHtml([name, kind, ...bits, ...costs, layer.bound ?? '–'], layer.counted ? '' : 'quiet');
}

function provenanceHtml({ provenance, exported, searchId }: Report): string {
  const { splits, preprocess, hardware } = provenance;
  const facts: [string, string][] = [
    ['search', `${searchId}, seed ${provenance.seed}, ${formatSeconds(provenance.seconds)}, ${provenance.createdAt}`],
    [
      'data',
      `${provenance.dataset}, sha256 ${provenance.dataDigest.slice(0, 16)}…; training ${splits.training}, validation ${splits.validation}, test ${splits.test}`,
    ],
    [
      'input',
      `${preprocess.imageSize} pixels, padding ${preprocess.padding}, mean ${preprocess.mean.join(' ')}, std ${preprocess.std.join(' ')}`,
    ],
    ['model', `sha256 ${provenance.modelDigest.slice(0, 16)}…`],
    ['hardware', `${hardware.name} ${hardware.version} (${hardware.provenance}), batch ${hardware.batch}`],
    [
      'versions',
      Object.entries(provenance.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  if (exported !== null) {
    const parity = `${formatAccuracy(exported.onnxTestAccuracy)} in ONNX Runtime, ${formatAccuracy(exported.simulatedTestAccuracy)} simulated, same class for ${formatAccuracy(exported.parity)} of the test images`;
    facts.push(['exported', `${formatBytes(exported.bytes)}, opset ${exported.opset}: ${parity}`]);
  }
  return tableHtml(
    ['', ''],
    facts.map((fact) => rowHtml(fact, '')),
  );
}

function tableHtml(heads: readonly string[], rows: readonly string[]): string {
  return `<table><thead><tr>${heads.map((head) => `<th>${escapeHtml(head)}</th>`).join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

function rowHtml(cells: readonly string[], className: string): string {
  return `<tr class="${className}">${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
