import { type costProto, fromWireCostTable, hardwareProto, type networkProto } from '@bitwright/contracts';
import { allCellsOf, type Cell, cellsOf, isHole, isPositive, ROUNDING } from '../cells.js';
import type { Check } from '../check.js';
import { hasKernel, narrowest } from '../policies.js';
import { SAMPLE_LAYERS } from '../sample-network.js';
import type { Capabilities, Pair } from '../target.js';

export const costTableCheck: Check = {
  id: 'cost-table',
  promise:
    'Tabulate gives a cost for every layer and pair of bits that the capabilities have kernels for, and no other',
  run: async ({ capabilities, defaultTable }) => {
    const table = await defaultTable();
    const problems = [...headProblems(table, capabilities), ...columnProblems(table)];
    return problems.length > 0 ? problems : holeProblems(table, capabilities);
  },
};

/** Costs that are missing although there are kernels, or are there although there are none. */
function holeProblems(table: costProto.CostTable, capabilities: Capabilities): readonly string[] {
  return allCellsOf(table).flatMap((cell) => {
    const pair = [table.weightBits[cell.weight], table.activationBits[cell.activation]] as unknown as Pair;
    const kind = SAMPLE_LAYERS[cell.layer]?.kind as networkProto.LayerKind;
    const isPromised = hasKernel(capabilities, kind, pair);
    if (isPromised === !isHole(cell)) return [];
    return isPromised
      ? [`the table has no cost of ${cell.place}, though the capabilities say that it can run`]
      : [`the table has a cost of ${cell.place}, though the capabilities name no such kernel`];
  });
}

function headProblems(table: costProto.CostTable, capabilities: Capabilities): readonly string[] {
  const problems: string[] = [];
  const expect = (name: string, found: unknown, wanted: unknown) => {
    const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (left !== right) problems.push(`table.${name} is ${left}; the capabilities and the request say ${right}`);
  };
  expect('hardware', table.hardware, capabilities.name);
  expect('provenance', table.provenance, capabilities.provenance);
  expect('weight_bits', table.weightBits, capabilities.weightBits);
  expect('activation_bits', table.activationBits, capabilities.activationBits);
  expect('counted.length', table.counted.length, SAMPLE_LAYERS.length);
  return problems;
}

/** Lengths and bounds are the converter's to check; amounts have a check of their own and are left out here. */
function columnProblems(table: costProto.CostTable): readonly string[] {
  const zeros = (column: readonly number[]) =>
    column.map((_, index) => (table.executedWeightBits[index] === 0 ? Number.NaN : 0));
  const amounts = { latencyMs: zeros(table.latencyMs), energyMj: zeros(table.energyMj) };
  const parts = { computeMs: zeros(table.computeMs), memoryMs: zeros(table.memoryMs) };
  const rest = { overheadMs: zeros(table.overheadMs), trafficBytes: zeros(table.trafficBytes) };
  try {
    fromWireCostTable({ ...table, ...amounts, ...parts, ...rest }, 'table');
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

/** MACs a second that no machine falls short of or exceeds by far: what lies outside is in another unit. */
const PLAUSIBLE_MACS_PER_SECOND = { min: 1e4, max: 1e19 };

export const unitsCheck: Check = {
  id: 'units',
  promise: 'latency is in milliseconds of the whole batch, no part of it is longer, traffic is in bytes',
  run: async ({ defaultTable }) => {
    const table = await defaultTable();
    return cellsOf(table).flatMap((cell) => [...amountProblems(cell), ...speedProblems(cell, table.batch)]);
  },
};

function amountProblems(cell: Cell): readonly string[] {
  const { place, latencyMs, trafficBytes } = cell;
  if (!isPositive(latencyMs)) return [`latency_ms of ${place} is ${latencyMs}; it must be positive and finite`];
  const isAmount = (value: number | undefined) =>
    value === undefined || (value >= 0 && value < Number.POSITIVE_INFINITY);
  const parts = { compute_ms: cell.computeMs, memory_ms: cell.memoryMs, overhead_ms: cell.overheadMs };
  const wrong = Object.entries({ ...parts, traffic_bytes: trafficBytes }).filter(([, value]) => !isAmount(value));
  const long = Object.entries(parts).filter(([, value = 0]) => value > latencyMs * (1 + ROUNDING));
  return [
    ...wrong.map(([name, value]) => `${name} of ${place} is ${value}; it must be finite and not negative`),
    ...long.map(([name, value]) => `${name} of ${place} is ${value}, longer than the whole: latency_ms ${latencyMs}`),
  ];
}

function speedProblems({ place, layer, latencyMs }: Cell, batch: number): readonly string[] {
  const macs = (SAMPLE_LAYERS[layer]?.macs ?? 0) * batch;
  const perSecond = (1000 * macs) / latencyMs;
  const { min, max } = PLAUSIBLE_MACS_PER_SECOND;
  if (!isPositive(latencyMs) || macs === 0 || (perSecond >= min && perSecond <= max)) return [];
  const speed = `${perSecond.toExponential(1)} MACs a second`;
  return [`latency_ms of ${place} is ${latencyMs}, which is ${speed}; is it in milliseconds?`];
}

export const energyCheck: Check = {
  id: 'energy',
  promise: 'energy is positive and in every answer where the capabilities name it, and absent, never zero, elsewhere',
  run: async (target) => {
    const isPromised = target.capabilities.metrics.includes(hardwareProto.HardwareMetric.HARDWARE_METRIC_ENERGY);
    const [feedback] = await target.evaluate([narrowest(target.capabilities)]);
    const cells = cellsOf(await target.defaultTable());
    const amounts = [...cells.map(({ place, energyMj }) => ({ place, energyMj })), totalOf(feedback?.energyMj)];
    return amounts
      .filter(({ energyMj }) => (isPromised ? !isPositive(energyMj) : energyMj !== undefined))
      .map(({ place, energyMj }) =>
        isPromised
          ? `energy_mj of ${place} is ${energyMj ?? 'absent'}, though the capabilities promise energy`
          : `energy_mj of ${place} is ${energyMj}; without energy among the metrics it must be absent`,
      );
  },
};

const totalOf = (energyMj: number | undefined) => ({ place: 'a whole policy', energyMj });

export const executedBitsCheck: Check = {
  id: 'executed-bits',
  promise: 'a target says which bits it really runs, never fewer than it was asked for',
  run: async ({ defaultTable }) => {
    const { weightBits, activationBits, ...table } = await defaultTable();
    return cellsOf({ ...table, weightBits, activationBits }).flatMap((cell) => {
      const pairs: readonly [string, number, number | undefined][] = [
        ['executed_weight_bits', cell.executedWeightBits, weightBits[cell.weight]],
        ['executed_activation_bits', cell.executedActivationBits, activationBits[cell.activation]],
      ];
      const short = pairs.filter(([, executed, asked]) => executed < (asked ?? 0));
      return short.map(([name, executed]) => `${name} of ${cell.place} is ${executed}, fewer than asked for`);
    });
  },
};
