import {
  BitwrightError,
  type CostTable,
  type HardwareOptions,
  type Layer,
  type LayerCost,
  type LayerPrecision,
} from '@bitwright/core';
import { readHardwareRequest } from '@bitwright/hardware-kit';
import { hasKernel, type MeasurementContext, measuredCost } from './measurement-context.js';

/** Measures every layer at every pair of bits that there are kernels for; what cannot be measured is reported. */
export async function tabulate(
  context: MeasurementContext,
  layers: readonly Layer[],
  options: HardwareOptions,
): Promise<CostTable> {
  const { capabilities } = context;
  const { name, provenance, weightBits, activationBits } = capabilities;
  const { batch, counted } = readHardwareRequest(capabilities, layers, options);
  const refusals = new Map<number, BitwrightError>();
  const costOrHole = async (layer: Layer, precision: LayerPrecision): Promise<LayerCost | undefined> => {
    if (!hasKernel(capabilities, layer, precision)) return undefined;
    try {
      return await measuredCost(context, layer, precision, { batch, signal: options.signal });
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.kind !== 'unsupported') throw error;
      if (!refusals.has(layer.index)) refusals.set(layer.index, error);
      return undefined;
    }
  };
  const cells: CostTable['cells'][number][] = [];
  for (const layer of layers) cells.push(await mapPairs(weightBits, activationBits, (pair) => costOrHole(layer, pair)));
  const [first] = refusals.values();
  if (first !== undefined && cells.flat(2).every((cell) => cell === undefined)) throw first;
  const failures = [...refusals].map(([layer, { message }]) => ({ layer, message }));
  const table = { hardware: name, batch, weightBits, activationBits, counted, provenance, cells };
  return failures.length === 0 ? table : { ...table, failures };
}

/** One after the other: two measurements at once would measure each other. */
async function mapPairs<T>(
  weightBits: readonly number[],
  activationBits: readonly number[],
  work: (pair: LayerPrecision) => Promise<T>,
): Promise<readonly (readonly T[])[]> {
  const rows: T[][] = [];
  for (const weight of weightBits) {
    const row: T[] = [];
    for (const activation of activationBits) row.push(await work({ weightBits: weight, activationBits: activation }));
    rows.push(row);
  }
  return rows;
}
