import type { HardwareCapabilities } from '@bitwright/core';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS, EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { OWN_HARDWARE_FLAGS } from '../flags/own-hardware-flags.js';
import { listHardware } from '../hardware/list-hardware.js';
import { printJson, printLine } from '../print.js';
import { formatBits } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

/** `bitwright hardware list`. */
export const hardwareListCommand = defineCommand({
  name: 'list',
  description: 'the targets there are',
  flags: { 'hardware-address': EVALUATOR_FLAGS['hardware-address'], ...OWN_HARDWARE_FLAGS, ...AGENT_FLAGS },
  run: async ({ flags, json, surroundings }) => {
    const hardware = await listHardware(flags, surroundings);
    if (json) printJson(surroundings.stdout, { hardware });
    else printLine(surroundings.stdout, tableOf(hardware));
    return EXIT_CODES.ok;
  },
});

function tableOf(hardware: readonly HardwareCapabilities[]): string {
  const rows = hardware.map(({ name, provenance, weightBits, activationBits, metrics, defaultBatch, description }) => {
    const bits = [formatBits(weightBits), formatBits(activationBits)];
    return [name, provenance, ...bits, metrics.join(', '), String(defaultBatch), description];
  });
  return plainTable(
    ['--hardware', 'figures', 'weight bits', 'activation bits', 'metrics', 'batch', 'what it is'],
    rows,
  );
}
