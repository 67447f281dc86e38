/**
 * Prints what MobileNetV2 at 224 costs on the systolic arrays, as in docs/hardware/systolic.md:
 * npx tsx --conditions=@bitwright/source test/fidelity/report-systolic.ts
 */
import { costTable, shareTable } from './systolic-tables.js';

console.log((await costTable()).join('\n'));
console.log(`\nAt 8/8 bits\n\n${shareTable().join('\n')}`);
