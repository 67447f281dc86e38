import type { CostTable } from '../cost/cost-table.js';
import { invalidField } from '../errors.js';
import type { Layer } from '../network/layers.js';
import { FLOAT_BITS } from '../policy/policy.js';
import { createPrecisionSpace, type PrecisionSpace } from '../policy/precision-space.js';
import type { HardwareCapabilities, HardwareCatalog } from '../ports/hardware.js';
import type { HardwareTarget, SearchSpec } from './search.js';

/** A hardware target of a search, with what it says of the network's layers. */
export type PreparedTarget = {
  readonly asked: HardwareTarget;
  readonly capabilities: HardwareCapabilities;
  /** The price list; a first guess where the hardware is not additive. */
  readonly table: CostTable;
};

/** Finds the targets and tabulates the layers on each. */
export function openTargets(
  hardware: readonly HardwareTarget[],
  layers: readonly Layer[],
  catalog: HardwareCatalog,
  signal?: AbortSignal,
): Promise<readonly PreparedTarget[]> {
  return Promise.all(hardware.map((asked) => openTarget(asked, layers, catalog, signal)));
}

async function openTarget(
  asked: HardwareTarget,
  layers: readonly Layer[],
  catalog: HardwareCatalog,
  signal: AbortSignal | undefined,
): Promise<PreparedTarget> {
  const hardware = await catalog.open(asked.name);
  const capabilities = await hardware.describe(signal);
  const { batch, counted } = asked;
  const table = await hardware.tabulate(layers, { batch, counted, signal });
  // The name by which budgets and reports know it.
  return { asked, capabilities, table: { ...table, hardware: asked.name } };
}

/**
 * The bits that every target can run. Throws `invalid_argument` when a width that was asked is left on none, and
 * `unsupported` for a layer that a target cannot run.
 */
export function spaceOf(
  spec: SearchSpec,
  layers: readonly Layer[],
  targets: readonly PreparedTarget[],
): PrecisionSpace {
  const tables = targets.map(({ table }) => table);
  return createPrecisionSpace(layers, {
    ...{ ...spec.scheme, pin: spec.pin, tables },
    weightBits: supportedBits(spec.weightBits, tables, 'weightBits', 'spec.weight_bits'),
    activationBits: supportedBits(spec.activationBits, tables, 'activationBits', 'spec.activation_bits'),
  });
}

/** Hardware that runs only some widths narrows the choices; float activations (weights-only search) stay as asked. */
function supportedBits(
  asked: readonly number[],
  tables: readonly CostTable[],
  role: 'weightBits' | 'activationBits',
  field: string,
): readonly number[] {
  const bits = asked.filter((value) => value === FLOAT_BITS || tables.every((table) => table[role].includes(value)));
  if (bits.length > 0) return bits;
  const offers = tables.map((table) => `${table.hardware} runs ${table[role].join(', ')} bit`).join(', ');
  const none = tables.length === 1 ? `none of [${asked}] is among them` : `all of them run none of [${asked}]`;
  throw invalidField(field, `${offers}; ${none}`, 'BITS_UNSUPPORTED');
}
