import { FLOAT_BITS, type HardwareCapabilities, type HardwareSurvey } from '@bitwright/core';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { AGENT_FLAGS, EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { OWN_HARDWARE_FLAGS } from '../flags/own-hardware-flags.js';
import { foundBy, hardwareRows } from '../hardware/hardware-rows.js';
import { requireHardware, surveyHardware } from '../hardware/list-hardware.js';
import { printJson, printLine } from '../print.js';
import { formatBits } from '../terminal/format.js';

/** `bitwright hardware show`. */
export const hardwareShowCommand = defineCommand({
  name: 'show',
  description: 'what one target can do, and how far its figures can be trusted',
  arguments: ['<hardware>'],
  flags: { 'hardware-address': EVALUATOR_FLAGS['hardware-address'], ...OWN_HARDWARE_FLAGS, ...AGENT_FLAGS },
  run: async ({ arguments: [name = ''], flags, json, surroundings }) => {
    const survey = await surveyHardware(flags, surroundings);
    const target = requireHardware(survey, name);
    if (json) printJson(surroundings.stdout, target);
    else printLine(surroundings.stdout, textOf(target, survey));
    return EXIT_CODES.ok;
  },
});

function textOf(target: HardwareCapabilities, survey: HardwareSurvey): string {
  const facts: [string, string][] = [
    ['hardware', `${target.name} ${target.version}`],
    ['what it is', target.description],
    [
      'figures',
      `${target.provenance}: ${target.metrics.join(', ')}${target.additive ? '; a policy costs the sum of its layers' : '; a policy costs more or less than the sum of its layers'}`,
    ],
    ['bits', `weights ${formatBits(target.weightBits)}, activations ${formatBits(target.activationBits)}`],
    ...kernelsOf(target),
    ['batch', `${target.defaultBatch} (at most ${target.maximumBatch})`],
    ['counts', target.defaultCounted === 'all' ? 'every layer' : 'every layer but the first and the last'],
    ...checksOf(target),
    ...placesOf(target, survey),
  ];
  return facts.map(([name, value]) => `${name.padEnd(12)}${value}`).join('\n');
}

/** Nothing where every operator runs at all of these bits. */
function kernelsOf({ operators = [] }: HardwareCapabilities): [string, string][] {
  const textOfPair = (bits: number) => (bits === FLOAT_BITS ? 'float' : String(bits));
  return operators.map(({ operator, precisions }) => {
    const pairs = precisions.map(
      ({ weightBits, activationBits }) => `${textOfPair(weightBits)}/${textOfPair(activationBits)}`,
    );
    return ['kernels', `${operator}: ${pairs.join(', ')} (weights/activations)`];
  });
}

function checksOf({ validation }: HardwareCapabilities): [string, string][] {
  if (validation.length === 0) return [['checked', 'against nothing that was published or measured']];
  return validation.map(({ source, metric, errorPercent }) => [
    'checked',
    `${metric} within ${errorPercent} % of ${source}`,
  ]);
}

/** Where a search asks it first, then those that stand in. */
function placesOf({ name }: HardwareCapabilities, survey: HardwareSurvey): [string, string][] {
  const rows = hardwareRows(survey).filter(({ target, health }) => target?.name === name && health !== 'not answering');
  return rows.map(({ endpoint, health }) => {
    const role = health === 'in reserve' ? ', in reserve' : '';
    return ['served at', `${endpoint.address} (${foundBy(endpoint).join(', ')}${role})`];
  });
}
