import {
  BitwrightError,
  chainOf,
  dataFlowOf,
  type HardwareCapabilities,
  type LayerCost,
  sha256Hex,
  type ValidationFigure,
} from '@bitwright/core';
import {
  conversionMs,
  convertedElements,
  costOf,
  formatJsonTable,
  type LookupCell,
  type LookupTable,
  type NetworkComparison,
  type TableSource,
} from '@bitwright/cost-tables';
import { type Accelerator, assertSupportedPrecision } from '@bitwright/hardware-kit';
import { indexCosts } from './cost-index.js';
import { type MissingCosts, missingCost } from './missing.js';

export type TableOptions = {
  /** The target's name. */
  readonly name: string;
  readonly missingCosts: MissingCosts;
};

/**
 * A table as an accelerator: a layer costs what the table says for its shape, the batch and the pair of bits. A missing
 * pair is refused, naming it, unless the options say otherwise; a missing shape or batch always is. Costs that were
 * measured may fall where bits rise: they are given as they are. A table with conversions is not additive: a policy
 * costs what its layers and the conversions between them take.
 */
export function createTable(table: LookupTable, options: TableOptions): Accelerator {
  const { name, missingCosts } = options;
  const capabilities = tableCapabilities(table, options);
  const index = indexCosts(table, name);
  const { conversions } = table;
  return {
    capabilities,
    ...(conversions !== undefined && {
      betweenLayers: (layers, batch, network) => {
        const flow = network === undefined ? chainOf(layers) : dataFlowOf(network, layers);
        return (costs) => conversionMs(conversions, convertedElements(flow, layers, costs, batch));
      },
    }),
    layerCost: (layer, weightBits, activationBits, batch) => {
      assertSupportedPrecision(capabilities, weightBits, activationBits);
      const cells = index.cellsOf(layer, batch);
      const cost =
        costAt(cells, weightBits, activationBits) ?? missingCost(missingCosts, cells, weightBits, activationBits);
      if (cost === undefined) throw pairMissing(name, cells, weightBits, activationBits);
      return cost;
    },
  };
}

function costAt(cells: readonly LookupCell[], weightBits: number, activationBits: number): LayerCost | undefined {
  const found = cells.find((cell) => cell.weightBits === weightBits && cell.activationBits === activationBits);
  return found === undefined ? undefined : costOf(found);
}

function tableCapabilities(table: LookupTable, { name, missingCosts }: TableOptions): HardwareCapabilities {
  const cells = table.layers.flatMap((layer) => layer.cells);
  const batches = table.layers.map(({ batch }) => batch);
  const ascending = (widths: readonly number[]) => [...new Set(widths)].sort((a, b) => a - b);
  const knowsEnergy = cells.every(({ energyMj }) => energyMj !== undefined);
  // The costs alone: a table that was checked again is the same target.
  const digest = sha256Hex(formatJsonTable({ ...table, measurement: undefined, comparisons: undefined })).slice(0, 12);
  return {
    name,
    description: describeTable(table, missingCosts),
    version: missingCosts === 'refuse' ? digest : `${digest}-${missingCosts}`,
    provenance: 'table',
    metrics: knowsEnergy ? ['latency', 'energy'] : ['latency'],
    weightBits: ascending(cells.map(({ weightBits }) => weightBits)),
    activationBits: ascending(cells.map(({ activationBits }) => activationBits)),
    defaultBatch: Math.min(...batches),
    maximumBatch: Math.max(...batches),
    defaultCounted: table.counted,
    additive: table.conversions === undefined,
    validation: (table.comparisons ?? []).map(toFigure),
  };
}

function toFigure(comparison: NetworkComparison): ValidationFigure {
  const { date, network, policies, withConversions } = comparison;
  const { meanAbsoluteErrorPercent, biasPercent, rankCorrelation } = withConversions ?? comparison;
  const rank = rankCorrelation === undefined ? '' : `, rank correlation ${rankCorrelation.toFixed(3)}`;
  return {
    source: `${policies} random policies of ${network}, measured whole on ${date.slice(0, 10)}`,
    metric: `latency, mean absolute error (bias ${biasPercent.toFixed(1)} %${rank})`,
    errorPercent: Number(meanAbsoluteErrorPercent.toFixed(2)),
  };
}

/** A device record may be long; this is for people. */
const LONGEST_DESCRIPTION = 4_096;

/** What is in it, whose figures they are, how they were measured, and what is done where there are none. */
function describeTable(
  { layers, source, device, measurement, conversions }: LookupTable,
  missingCosts: MissingCosts,
): string {
  const guesses = layers.flatMap(({ cells }) => cells).filter(({ interpolated }) => interpolated === true).length;
  const parts = [
    `costs of ${layers.length} layers from a table`,
    ...(source === undefined ? [] : [`taken from ${nameOf(source)} (${source.provenance}): ${source.description}`]),
    ...(measurement === undefined
      ? []
      : [`measured until ${measurement.finishedAt}, ${measurement.repeats} samples a cell`]),
    ...Object.entries(device).map(([key, value]) => `${key} ${value}`),
    ...(guesses === 0 ? [] : [`${guesses} of its costs are interpolated, that is guesses`]),
    ...(conversions === undefined ? [] : ['with what networks take beyond their layers, fitted to whole networks']),
    ...(missingCosts === 'interpolate' ? ['missing pairs of bits are interpolated, that is guesses'] : []),
    ...(missingCosts === 'wider' ? ['missing pairs of bits run as the next wider pair'] : []),
  ];
  const text = parts.join('; ');
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1)}…`;
}

/** A command that measures knows no version. */
const nameOf = ({ hardware, version }: TableSource) => `${hardware} ${version}`.trimEnd();

function pairMissing(name: string, cells: readonly LookupCell[], weightBits: number, activationBits: number) {
  const held = cells.map((cell) => `${cell.weightBits}/${cell.activationBits}`).join(', ');
  const message = `${name} has no cost at ${weightBits}-bit weights and ${activationBits}-bit activations for this layer, only at ${held} (weights/activations)`;
  return new BitwrightError('unsupported', 'PRECISION_NOT_IN_TABLE', message);
}
