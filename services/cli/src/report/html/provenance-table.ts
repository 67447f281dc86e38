import type { Fidelity, PointFigures, Report, ReportExportedIntegers, ReportHardware } from '@bitwright/core';
import { effortText } from '../../terminal/effort-text.js';
import { formatAccuracy, formatBytes, formatSeconds } from '../../terminal/format.js';
import { speedText } from '../../terminal/speed-text.js';
import { allTestImagesText } from '../sample-counts.js';
import { hardwareOf } from '../targets.js';
import { escapeHtml } from './markup.js';

type Fact = readonly [name: string, text: string];

/** Search, data, model, hardware, versions and export: whatever the figures depend on. */
export function provenanceTable(report: Report): string {
  const facts = [...searchFacts(report), ...inputFacts(report), ...exportFacts(report)];
  const rows = facts.map(
    ([name, text]) => `<tr><td class="text">${escapeHtml(name)}</td><td class="text">${escapeHtml(text)}</td></tr>`,
  );
  return `<table class="facts"><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function searchFacts({ searchId, state, provenance }: Report): readonly Fact[] {
  const { seed, seconds, createdAt, spec } = provenance;
  const { trialFidelity: trial, finalFidelity: final } = spec;
  return [
    ['search', `${searchId}, ${state}, ${formatSeconds(seconds)}, ${createdAt}`],
    ['strategy', `${spec.strategy.name}, ${effortText(spec)}, seed ${seed}`],
    [
      'a trial',
      `${finetuningText(trial)}, ${measuredText(trial.validationSamples)} of the validation split to measure`,
    ],
    ['a finalist', `${finetuningText(final)}, ${measuredText(final.validationSamples)} of the test split to measure`],
  ];
}

function finetuningText({ finetuneSamples, finetuneEpochs, distillation = 0 }: Fidelity): string {
  const teacher = distillation === 0 ? '' : `, ${Math.round(100 * distillation)} % of the targets by the float network`;
  return `${finetuneSamples} images to fine-tune on (${finetuneEpochs} epochs${teacher})`;
}

const measuredText = (samples: number) => (samples === 0 ? 'all' : String(samples));

function inputFacts(report: Report): readonly Fact[] {
  const { dataset, dataDigest, splits, preprocess, modelDigest, versions } = report.provenance;
  const { imageSize, padding, mean, std } = preprocess;
  return [
    [
      'data',
      `${dataset}, sha256 ${dataDigest}; training ${splits.training}, validation ${splits.validation}, test ${splits.test}`,
    ],
    ['input', `${imageSize} pixels, padding ${padding}, mean ${mean.join(' ') || '–'}, std ${std.join(' ') || '–'}`],
    ['model', `sha256 ${modelDigest}`],
    ...hardwareOf(report).map((hardware): Fact => ['hardware', hardwareText(hardware)]),
    [
      'versions',
      Object.entries(versions)
        .map((parts) => parts.join(' '))
        .join(', '),
    ],
  ];
}

/** With how far its figures can be trusted: against what they were checked, or that they were not. */
function hardwareText({ name, version, provenance, batch, validation }: ReportHardware): string {
  const what = `${name} ${version} (${provenance}), batch ${batch}`;
  if (validation === undefined) return what;
  if (validation.length === 0) return `${what}; checked against nothing that was published or measured`;
  const checks = validation.map(
    ({ source, metric, errorPercent }) => `${metric} within ${errorPercent} % of ${source}`,
  );
  return `${what}; ${checks.join(', ')}`;
}

function exportFacts(report: Report): readonly Fact[] {
  const { exported } = report;
  const images = allTestImagesText(report);
  if (exported === null) return [['export', 'none: the search ended before it']];
  const { bytes, opset, onnxTestAccuracy, simulatedTestAccuracy, parity, onnxDigest } = exported;
  const accuracies = `${formatAccuracy(onnxTestAccuracy)} in ONNX Runtime, ${formatAccuracy(simulatedTestAccuracy)} simulated`;
  const same = `the same class for ${formatAccuracy(parity)} of ${images}`;
  const { points, integers } = exported;
  return [
    ['export', `ONNX opset ${opset}, ${formatBytes(bytes)}, sha256 ${onnxDigest}: ${accuracies}, ${same}`],
    ...(integers === undefined ? [] : [['for integer kernels', integersText(integers, images)] as const]),
    ...(points === undefined ? [] : [['points', pointsText(points)] as const]),
  ];
}

function integersText(
  { opset, bytes, onnxDigest, onnxTestAccuracy, parity, speed }: ReportExportedIntegers,
  images: string,
): string {
  const file = `ONNX opset ${opset}, ${formatBytes(bytes)}, sha256 ${onnxDigest}`;
  const same = `the class of the simulation for ${formatAccuracy(parity)} of ${images}`;
  const figures = [`${formatAccuracy(onnxTestAccuracy)} in ONNX Runtime`, same, ...(speed ? [speedText(speed)] : [])];
  return `${file}: ${figures.join(', ')}`;
}

function pointsText({ points, sizeBytes, operationsRatio }: PointFigures): string {
  const work = `${operationsRatio.toFixed(2)} times the operations of one vector for each channel`;
  return `${points} low-bit vectors, ${formatBytes(sizeBytes)} with their coefficients, ${work}`;
}
