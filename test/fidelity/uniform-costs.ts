import { selectAccelerators } from '@bitwright/accelerators';
import { type Bound, costOfPolicy, type LayerCost, uniformPolicy } from '@bitwright/core';
import { createLocalHardware } from '@bitwright/hardware-kit';
import { publishedLayers } from './bismo-validation.js';

/** What MobileNetV2 at 224 costs on one target with the same bits everywhere, for the whole batch. */
export type UniformCost = {
  readonly hardware: string;
  readonly batch: number;
  readonly weightBits: number;
  readonly activationBits: number;
  readonly latencyMs: number;
  readonly energyMj: number;
  readonly trafficMegabytes: number;
  /** Bits that run, as `weights/activations`. */
  readonly executed: string;
  /** Layers by what they wait for. */
  readonly bounds: Readonly<Record<Bound, number>>;
};

const layers = publishedLayers('mobilenet-v2');

/** One entry for every pair of bits that the target has. */
export async function uniformCosts(name: string): Promise<readonly UniformCost[]> {
  const [accelerator] = selectAccelerators([name]);
  if (accelerator === undefined) throw new Error(`${name} is not registered`);
  const table = await createLocalHardware(accelerator).tabulate(layers);
  return table.weightBits.flatMap((weightBits, row) =>
    table.activationBits.map((activationBits, column) => {
      const cells = table.cells.map((cell) => cell[row]?.[column] as LayerCost);
      const { latencyMs, energyMj } = costOfPolicy(
        layers,
        table,
        uniformPolicy(layers.length, weightBits, activationBits),
      );
      const [first] = cells;
      return {
        ...{ hardware: name, batch: table.batch, weightBits, activationBits },
        ...{ latencyMs: latencyMs as number, energyMj: energyMj as number },
        trafficMegabytes: cells.reduce((total, { trafficBytes = 0 }) => total + trafficBytes, 0) / 1e6,
        executed: `${first?.executedWeightBits}/${first?.executedActivationBits}`,
        bounds: countBounds(cells),
      };
    }),
  );
}

function countBounds(cells: readonly LayerCost[]): Record<Bound, number> {
  const count = (bound: Bound) => cells.filter((cell) => cell.bound === bound).length;
  return { compute: count('compute'), memory: count('memory'), overhead: count('overhead') };
}

export const UNIFORM_HEADER = [
  ...['hardware', 'batch', 'bits', 'run as', 'ms', 'mJ', 'MB moved'],
  'layers bound by compute / memory / overhead',
];

/** The entry as cells of a table. */
export function uniformCells(cost: UniformCost): readonly string[] {
  const { compute, memory, overhead } = cost.bounds;
  return [
    ...[cost.hardware, `${cost.batch}`, `${cost.weightBits}/${cost.activationBits}`, cost.executed],
    ...[cost.latencyMs.toPrecision(4), cost.energyMj.toPrecision(4), cost.trafficMegabytes.toPrecision(4)],
    `${compute} / ${memory} / ${overhead}`,
  ];
}
