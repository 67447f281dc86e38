import type { HardwareComparison } from '@bitwright/core';
import { htmlTable } from '../report/html/markup.js';
import { renderPage, type Section } from '../report/html/page.js';
import { rooflineChart, shareChart } from './comparison-charts.js';
import { agreementText, kindRows, layerRows, type Rows } from './comparison-rows.js';

/** A page on two targets and one network; self-contained, without scripts. `subject` names the network. */
export function renderComparisonHtml(comparison: HardwareComparison, subject: string): string {
  return renderPage({
    title: `${subject}: ${comparison.first} and ${comparison.second}`,
    lead: agreementText(comparison),
    sections: sections(comparison),
  });
}

const ROOFLINE =
  'Each point is a layer. Where the points of a target rise with the operations per byte, memory sets the pace; where they lie level, the array does.';

function sections(comparison: HardwareComparison): readonly Section[] {
  const { first, second, layers } = comparison;
  const table = ({ heads, rows }: Rows, leftColumns: number) =>
    htmlTable(
      heads,
      rows.map((cells) => ({ cells })),
      leftColumns,
    );
  return [
    {
      heading: 'Kinds of layers',
      note: 'Share of the time, and the ms that one bit less of all layers of a kind saves. Where the two targets differ here, a search gives other bits.',
      content: table(kindRows(comparison), 1),
    },
    { heading: `Roofline of ${first}`, note: ROOFLINE, content: rooflineChart(comparison, 'first') },
    { heading: `Roofline of ${second}`, note: ROOFLINE, content: rooflineChart(comparison, 'second') },
    {
      heading: 'Layers',
      note: 'Share of the time, at the bits of the table. Rank 1 takes longest; layers that do not count in the total have none.',
      content: `${shareChart(comparison)}\n${table(layerRows(comparison, layers), 2)}`,
    },
  ];
}
