import { type ConformanceReport, checkHardware } from '@bitwright/client';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { readAddress } from '../flags/address-flags.js';
import { text, wrongArgument } from '../flags/flag.js';
import { createCheckProgress } from '../hardware/check-progress.js';
import { conformanceText } from '../hardware/conformance-text.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';

const FLAGS = { hardware: text('NAME', 'check this target alone; without, every target of the service') };

/** `bitwright hardware check`. */
export const hardwareCheckCommand = defineCommand({
  name: 'check',
  description: 'whether a hardware service keeps the contract; exit code 1 when it does not',
  arguments: ['<address>'],
  flags: FLAGS,
  examples: ['bitwright hardware check 127.0.0.1:7003', 'bitwright hardware check board:7003 --hardware my-board'],
  run: async ({ arguments: [argument = ''], flags, json, surroundings }) => {
    const reports = await runChecks(requireAddress(argument), flags.hardware, { json, surroundings });
    if (json)
      printJson(surroundings.stdout, { conforms: reports.every(({ conforms }) => conforms), hardware: reports });
    else printLine(surroundings.stdout, reports.map(conformanceText).join('\n\n'));
    return reports.every(({ conforms }) => conforms) ? EXIT_CODES.ok : EXIT_CODES.failed;
  },
});

function requireAddress(argument: string): string {
  try {
    return readAddress(argument);
  } catch (error) {
    throw wrongArgument('address', (error as Error).message);
  }
}

async function runChecks(
  address: string,
  hardware: string | undefined,
  { json, surroundings }: { readonly json: boolean; readonly surroundings: Surroundings },
): Promise<readonly ConformanceReport[]> {
  const progress = createCheckProgress(surroundings.stderr, json);
  try {
    return await checkHardware(address, { hardware, signal: surroundings.interrupted(), onResult: progress.show });
  } finally {
    progress.stop();
  }
}
