import type { Report, ReportEntry } from '@bitwright/core';
import { formatAccuracy, formatBytes, formatNumber } from '../../terminal/format.js';
import { costOn, hardwareOf } from '../targets.js';
import { escapeHtml } from './markup.js';

type Card = { readonly value: string; readonly caption: string };

/** The result in four figures, each beside what it is to be compared with. */
export function factCards(report: Report): string {
  const cards = [accuracyCard(report), ...latencyCards(report), sizeCard(report), bitsCard(report)];
  const html = cards.map(
    ({ value, caption }) => `<div class="card"><b>${escapeHtml(value)}</b><span>${escapeHtml(caption)}</span></div>`,
  );
  return `<div class="cards">${html.join('')}</div>`;
}

function accuracyCard({ result, baselines }: Report): Card {
  const float = baselines.find(({ strategy }) => strategy === 'float');
  if (result.testAccuracy === null)
    return { value: formatAccuracy(result.validationAccuracy), caption: 'validation accuracy, not yet fine-tuned' };
  return {
    value: formatAccuracy(result.testAccuracy),
    caption: `test accuracy; float ${formatAccuracy(float?.testAccuracy)}`,
  };
}

/** One for each target. */
function latencyCards(report: Report): readonly Card[] {
  return hardwareOf(report).map(({ name }) => {
    const latencyOf = (entry: ReportEntry) => costOn(report, entry, name).latencyMs;
    const where = report.provenance.targets === undefined ? '' : ` on ${name}`;
    const latencyMs = latencyOf(report.result);
    return {
      value: `${formatNumber(latencyMs)} ms`,
      caption: `latency${where}${ofEightBit(report, latencyMs, latencyOf)}`,
    };
  });
}

function sizeCard(report: Report): Card {
  const { result } = report;
  return {
    value: formatBytes(result.sizeBytes),
    caption: `weights${ofEightBit(report, result.sizeBytes, ({ sizeBytes }) => sizeBytes)}`,
  };
}

function bitsCard({ result, layers }: Report): Card {
  const counted = layers.filter(({ counted: counts }) => counts);
  const memoryBound = counted.filter(({ bound }) => bound === 'memory').length;
  return {
    value: `${result.effectiveBits.toFixed(2)} bits`,
    caption: `a weight; ${memoryBound} of ${counted.length} layers memory bound`,
  };
}

function ofEightBit(
  { baselines }: Report,
  value: number | null,
  figureOf: (entry: ReportEntry) => number | null,
): string {
  const control = baselines.find(({ strategy }) => strategy === 'uniform-8');
  const reference = control === undefined ? null : figureOf(control);
  return value === null || !reference ? '' : `, ${(value / reference).toFixed(2)}x of 8 bit`;
}
