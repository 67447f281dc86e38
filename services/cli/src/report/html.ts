import type { Report, ReportHardware } from '@bitwright/core';
import { summaryText } from '../terminal/summary-text.js';
import { frontChart } from './charts/front-chart.js';
import { bitsChart, latencyChart } from './charts/layer-charts.js';
import { factCards } from './html/fact-cards.js';
import { interpretationTable } from './html/interpretation-table.js';
import { layerTable } from './html/layer-table.js';
import { renderPage, type Section } from './html/page.js';
import { provenanceTable } from './html/provenance-table.js';
import { resultTable } from './html/result-table.js';
import { interpretationText } from './interpretation.js';
import { modelText } from './model-text.js';
import { testImagesText, validationImagesText } from './sample-counts.js';
import { batchText, hardwareOf, layersOn } from './targets.js';

/** `report.html`: one self-contained page, without scripts and outside resources. */
export function renderReportHtml(report: Report): string {
  const { provenance } = report;
  const hardware = hardwareOf(report).map(({ name }) => name);
  return renderPage({
    title: `${modelText(provenance.spec.model)} on ${hardware.join(' and ')}`,
    lead: summaryText(report),
    cards: factCards(report),
    sections: sections(report),
  });
}

function sections(report: Report): readonly Section[] {
  const { dataset } = report.provenance;
  const costs = `latency and energy: ${batchText(report)}`;
  return [
    {
      heading: 'Result and controls',
      note: `Accuracy is top-1 on ${testImagesText(report)} of ${dataset} after the same final fine-tuning; in brackets, on ${validationImagesText(report)}. Sizes are of the weights; ${costs}.`,
      content: resultTable(report),
    },
    {
      heading: 'Pareto front',
      note: `Every policy as the search measured it: on ${validationImagesText(report)}, before the final fine-tuning.`,
      content: frontChart(report),
    },
    {
      heading: 'Bits of each layer',
      note: 'Activation bits are those of the input of a layer.',
      content: bitsChart(report),
    },
    ...hardwareOf(report).flatMap((hardware) => [
      latencySection(report, hardware),
      ...interpretationSection(report, hardware),
    ]),
    { heading: 'Where the numbers come from', note: 'Enough to repeat this search.', content: provenanceTable(report) },
  ];
}

/** One for each target. */
function latencySection(report: Report, { name, additive }: ReportHardware): Section {
  const where = report.provenance.targets === undefined ? '' : ` on ${name}`;
  const guess = additive === false ? ' They are of single layers: the total, measured whole, is not their sum.' : '';
  const layers = layersOn(report, name);
  return {
    heading: `Latency of each layer${where}`,
    note: `As found, by what bounds it, against 8 bits everywhere. Layers in grey in the table do not count in the total.${guess}`,
    content: `${latencyChart(layers)}\n${layerTable(layers)}`,
  };
}

/** Why the bits are as they are, by roofline; nothing where the hardware does not say what bounds a layer. */
function interpretationSection(report: Report, { name }: ReportHardware): readonly Section[] {
  const layers = layersOn(report, name);
  const text = interpretationText(layers);
  if (text === undefined) return [];
  const where = report.provenance.targets === undefined ? '' : ` on ${name}`;
  return [{ heading: `Why these bits${where}`, note: text, content: interpretationTable(layers) }];
}
