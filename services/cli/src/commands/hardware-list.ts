import type { HardwareSurvey } from '@bitwright/core';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS, EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { OWN_HARDWARE_FLAGS } from '../flags/own-hardware-flags.js';
import { foundBy, type HardwareRow, hardwareRows } from '../hardware/hardware-rows.js';
import { surveyHardware } from '../hardware/list-hardware.js';
import { printJson, printLine } from '../print.js';
import { formatBits, formatTime, UNKNOWN } from '../terminal/format.js';
import { plainTable } from '../terminal/plain-table.js';

const HEADS = [
  ...['--hardware', 'figures', 'metrics', 'weight bits', 'activation bits', 'version'],
  ...['served at', 'found', 'health'],
];

/** `bitwright hardware list`. */
export const hardwareListCommand = defineCommand({
  name: 'list',
  description: 'the targets there are, where they are served, and whether they answer',
  flags: { 'hardware-address': EVALUATOR_FLAGS['hardware-address'], ...OWN_HARDWARE_FLAGS, ...AGENT_FLAGS },
  run: async ({ flags, json, surroundings }) => {
    const survey = await surveyHardware(flags, surroundings);
    if (json) printJson(surroundings.stdout, documentOf(survey));
    else printLine(surroundings.stdout, tableOf(survey));
    return EXIT_CODES.ok;
  },
});

function tableOf(survey: HardwareSurvey): string {
  const rows = hardwareRows(survey);
  return rows.length === 0
    ? 'There is no hardware: none is configured, and none has announced itself.'
    : plainTable(HEADS, rows.map(cellsOf));
}

function cellsOf({ endpoint, target, capabilities, health }: HardwareRow): readonly string[] {
  const bits = (choices: readonly number[] | undefined) => (choices === undefined ? UNKNOWN : formatBits(choices));
  return [
    ...[target?.name ?? UNKNOWN, target?.provenance ?? UNKNOWN, capabilities?.metrics.join(', ') ?? UNKNOWN],
    ...[bits(capabilities?.weightBits), bits(capabilities?.activationBits), target?.version || UNKNOWN],
    ...[endpoint.address, foundBy(endpoint).join(', '), healthText(endpoint.outage) ?? health],
  ];
}

function healthText(outage: HardwareRow['endpoint']['outage']): string | undefined {
  return outage && `not answering since ${formatTime(outage.since)}: ${outage.reason}`;
}

/** `hardware` are the targets that a search can use, `services` everything that was found, whether it answers or not. */
function documentOf(survey: HardwareSurvey) {
  const rows = hardwareRows(survey);
  const services = survey.endpoints.map((endpoint) => ({
    ...{ address: endpoint.address, found: foundBy(endpoint), targets: endpoint.targets },
    health: endpoint.outage === undefined ? 'serving' : 'not answering',
    outage: endpoint.outage ?? null,
  }));
  const hardware = rows.flatMap(({ endpoint, capabilities, health }) =>
    capabilities === undefined
      ? []
      : [{ ...capabilities, health, address: endpoint.address, found: foundBy(endpoint) }],
  );
  return { hardware, services };
}
