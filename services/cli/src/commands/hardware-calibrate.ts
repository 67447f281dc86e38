import { resolve } from 'node:path';
import {
  BUILT_IN_PROFILES,
  LARGEST_PROFILE_BYTES,
  openBuiltInProfile,
  openProfile,
  type TunableProfile,
} from '@bitwright/accelerators';
import type { Calibration } from '@bitwright/calibration';
import { parseTable, TABLE_LIMITS } from '@bitwright/cost-tables';
import { readInputFile } from '@bitwright/service-kit';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { type FlagValues, integer, single, text, wrongFlag } from '../flags/flag.js';
import { calibratedProfile } from '../hardware/calibrated-profile.js';
import { calibrationText } from '../hardware/calibration-text.js';
import { createFitProgress } from '../hardware/fit-progress.js';
import { writeOut } from '../out-files.js';
import { printJson, printLine } from '../print.js';
import type { Surroundings } from '../surroundings.js';

const FLAGS = {
  profile: text('FILE|NAME', `a profile file, or one that comes along: ${BUILT_IN_PROFILES.join(', ')}`),
  measurements: text('TABLE', 'measured costs: a cost table, .json or .csv'),
  fit: single('CONSTANTS', 'the constants to fit, separated by commas (default all)', readWords),
  name: text('NAME', "the new accelerator's name (default: the profile's, and -calibrated)"),
  seed: integer('seed of random starts and of what is held out together (default 1)', 0, 2 ** 31 - 1),
  out: text('FILE', 'the profile with the fitted constants, YAML'),
};

type Flags = FlagValues<typeof FLAGS>;

/** `bitwright hardware calibrate`. */
export const hardwareCalibrateCommand = defineCommand({
  name: 'calibrate',
  description:
    "fits a profile's physical constants to measurements: its error on layers held out, and what stays unknown",
  flags: FLAGS,
  examples: [
    'bitwright hardware calibrate --profile my-npu.yaml --measurements board.json --out fitted.yaml',
    'bitwright hardware calibrate --profile roofline --measurements board.csv --fit peaks,dramGigabytesPerSecond',
  ],
  run: async ({ flags, json, surroundings }) => {
    if (flags.profile === undefined) throw wrongFlag('profile', 'is missing; name a profile file or an accelerator');
    if (flags.measurements === undefined) throw wrongFlag('measurements', 'is missing; name a cost table');
    const profile = await readProfile(flags.profile, surroundings);
    const calibration = await runCalibration(profile, flags.measurements, flags, { json, surroundings });
    const file = calibratedProfile(calibration, {
      name: flags.name ?? calibratedName(profile),
      measurements: flags.measurements,
      date: new Date().toISOString().slice(0, 10),
    });
    // What is written is read first: a name that no profile may have is refused with nothing written.
    const { capabilities } = openProfile(file, '--name').accelerator;
    if (flags.out !== undefined) await writeOut(resolve(surroundings.folder, flags.out), file);
    if (json) printJson(surroundings.stdout, toJson(calibration, capabilities.name));
    else surroundings.stdout.write(calibrationText(calibration));
    if (flags.out !== undefined)
      printLine(surroundings.stderr, `${flags.out}: --hardware ${capabilities.name} --hardware-profile ${flags.out}`);
    return EXIT_CODES.ok;
  },
});

function readWords(value: string): readonly string[] {
  const words = value.split(',').map((word) => word.trim());
  if (words.every((word) => word !== '')) return words;
  throw new Error(`is "${value}"; write names of constants with commas between them`);
}

/** A name that comes along, or a file. */
async function readProfile(profile: string, { folder }: Surroundings): Promise<TunableProfile> {
  if (BUILT_IN_PROFILES.includes(profile)) return openBuiltInProfile(profile);
  const names = /[./\\]/.test(profile) ? '' : `, and the profiles that come along are ${BUILT_IN_PROFILES.join(', ')}`;
  const bytes = await readInput('profile', profile, folder, LARGEST_PROFILE_BYTES, names);
  return openProfile(new TextDecoder().decode(bytes), profile);
}

function readInput(flag: string, file: string, folder: string, mostBytes: number, hint = ''): Promise<Uint8Array> {
  const refuse = (problem: string) => wrongFlag(flag, `${file} ${problem}${hint}`);
  return readInputFile(resolve(folder, file), refuse, mostBytes);
}

async function runCalibration(
  profile: TunableProfile,
  measurements: string,
  { fit, seed = 1 }: Flags,
  { json, surroundings }: { readonly json: boolean; readonly surroundings: Surroundings },
): Promise<Calibration> {
  const bytes = await readInput('measurements', measurements, surroundings.folder, TABLE_LIMITS.fileBytes);
  const table = parseTable(bytes, measurements);
  // Here and not above: the algebra takes a while to load.
  const { calibrate } = await import('@bitwright/calibration');
  const progress = createFitProgress(surroundings.stderr, json);
  try {
    return await calibrate(profile, table, {
      fit,
      seed,
      signal: surroundings.interrupted(),
      onProgress: progress.show,
    });
  } finally {
    progress.stop();
  }
}

const SUFFIX = '-calibrated';

function calibratedName({ accelerator }: TunableProfile): string {
  const { name } = accelerator.capabilities;
  return name.endsWith(SUFFIX) ? name : name + SUFFIX;
}

function toJson({ findings, metrics }: Calibration, hardware: string) {
  const constants = findings.map(({ constant, value, ...rest }) => {
    const { name, unit, explains, value: before, identifiedBy } = constant;
    return { name, unit, explains, before, after: value, ...rest, identifiedBy };
  });
  return { hardware, constants, metrics };
}
