/**
 * Prints what MobileNetV2 at 224 costs under the roofline, as in docs/hardware/roofline.md:
 * npx tsx --conditions=@bitwright/source test/fidelity/report-roofline.ts
 */
import { markdownTable } from './markdown-table.js';
import { UNIFORM_HEADER, uniformCells, uniformCosts } from './uniform-costs.js';

console.log(markdownTable(UNIFORM_HEADER, (await uniformCosts('roofline')).map(uniformCells)).join('\n'));
