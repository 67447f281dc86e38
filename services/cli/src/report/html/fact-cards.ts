import type { Report } from '@bitwright/core';
import { formatAccuracy, formatBytes, formatNumber } from '../../terminal/format.js';
import { testImagesText, validationImagesText } from '../sample-counts.js';
import { costOn, hardwareOf, latencyRatio, sizeRatio } from '../targets.js';
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

function accuracyCard(report: Report): Card {
  const { result, baselines } = report;
  const float = baselines.find(({ strategy }) => strategy === 'float');
  if (result.testAccuracy === null)
    return {
      value: formatAccuracy(result.validationAccuracy),
      caption: `of ${validationImagesText(report)}, not yet fine-tuned`,
    };
  return {
    value: formatAccuracy(result.testAccuracy),
    caption: `of ${testImagesText(report)}; float ${formatAccuracy(float?.testAccuracy)}`,
  };
}

/** One for each target. */
function latencyCards(report: Report): readonly Card[] {
  return hardwareOf(report).map(({ name }) => {
    const where = report.provenance.targets === undefined ? '' : ` on ${name}`;
    return {
      value: `${formatNumber(costOn(report, report.result, name).latencyMs)} ms`,
      caption: `latency${where}${ofEightBit(latencyRatio(report, report.result, name))}`,
    };
  });
}

function sizeCard(report: Report): Card {
  const { result } = report;
  return {
    value: formatBytes(result.sizeBytes),
    caption: `weights${ofEightBit(sizeRatio(report, result))}`,
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

const ofEightBit = (ratio: number | undefined) => (ratio === undefined ? '' : `, ${ratio.toFixed(2)}x of 8 bit`);
