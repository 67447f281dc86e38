/**
 * Prints how far the BISMO model agrees with published figures, as in docs/hardware/bismo.md:
 * npx tsx --conditions=@bitwright/source test/fidelity/report-bismo.ts
 */
import { HAQ_TABLE_RATIOS, type PublishedLatency } from './bismo-published.js';
import { savingsPerBit } from './bismo-sensitivity.js';
import { publishedLayers, tabulate, uniformLatencyMs, validateBismo } from './bismo-validation.js';
import { printTable } from './markdown-table.js';

const HARDWARE: readonly PublishedLatency['hardware'][] = ['bismo-edge', 'bismo-cloud'];

async function printPublishedLatencies(): Promise<void> {
  const rows = await validateBismo();
  const cells = rows.map(({ hardware, network, bits, modelMs, latencyMs, errorPercent }) => {
    return [hardware, network, `${bits}`, modelMs.toFixed(3), latencyMs.toFixed(2), `${errorPercent.toFixed(3)} %`];
  });
  printTable(
    'Uniform bits against the HAQ paper',
    ['hardware', 'network', 'bits', 'model ms', 'paper ms', 'error'],
    cells,
  );
  const errors = rows.map(({ errorPercent }) => Math.abs(errorPercent));
  const mean = errors.reduce((total, error) => total + error, 0) / errors.length;
  console.log(`mean ${mean.toFixed(3)} %, largest ${Math.max(...errors).toFixed(3)} %\n`);
}

async function printTableRatios(): Promise<void> {
  const layers = publishedLayers('mobilenet-v2');
  const table = await tabulate('bismo-cloud', layers, { counted: 'all' });
  const rows = Object.entries(HAQ_TABLE_RATIOS).map(([bits, ratio]) => {
    const modelRatio = uniformLatencyMs(layers, table, Number(bits)) / uniformLatencyMs(layers, table, 8);
    return [bits, modelRatio.toFixed(4), ratio.toFixed(3)];
  });
  printTable(
    "Cost relative to 8 bits against HAQ's table, MobileNetV2, cloud, all layers",
    ['bits', 'model', 'table'],
    rows,
  );
}

async function printSavings(): Promise<void> {
  const layers = publishedLayers('mobilenet-v2');
  const rows = await Promise.all(
    HARDWARE.map(async (hardware) => {
      const table = await tabulate(hardware, layers);
      const total = uniformLatencyMs(layers, table, 8);
      const [depthwise, pointwise] = [
        savingsPerBit(layers, table, 'depthwise'),
        savingsPerBit(layers, table, 'pointwise'),
      ];
      const share = `${((100 * depthwise.latencyMs) / total).toFixed(0)} %`;
      const savings = [depthwise, pointwise].flatMap((kind) => [kind.perActivationBitMs, kind.perWeightBitMs]);
      return [hardware, share, ...savings.map((saved) => saved.toFixed(2))];
    }),
  );
  const header = ['hardware', 'depthwise share', 'depthwise activation bit', 'depthwise weight bit'];
  printTable(
    'Milliseconds saved by one bit less, MobileNetV2 at 8/8',
    [...header, 'pointwise activation bit', 'pointwise weight bit'],
    rows,
  );
}

await printPublishedLatencies();
await printTableRatios();
await printSavings();
