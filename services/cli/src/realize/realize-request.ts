import {
  deriveLayers,
  type Hardware,
  type IntegerRealizationRequest,
  type Network,
  type QuantizerTask,
  type WorkOptions,
} from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { resolveDataset } from '../flags/dataset-flag.js';
import { wrongFlag } from '../flags/flag.js';
import { requireOneModel, resolveModel } from '../flags/model-flags.js';
import { requireTargetOf } from '../flags/optional-target.js';
import { readTextFile } from '../flags/read-text-file.js';
import { REALIZE_DEFAULTS, type RealizeFlags } from '../flags/realize-flags.js';
import { readFittingNetwork } from '../hardware/network-layers.js';
import { fastestPrefix } from './fastest-prefix.js';

/** Throws `invalid_argument` for flags that do not go together. */
export function requireRealizeFlags(flags: RealizeFlags): void {
  requireOneModel(flags);
  if (flags.dataset === undefined) throw wrongFlag('dataset', 'is missing; name one, for example fashion-mnist');
  if (flags['latency-weight'] !== undefined && flags.hardware === undefined)
    throw wrongFlag('latency-weight', 'needs --hardware, whose latency it weighs');
  requireTargetOf(flags);
  if (flags['float-layers'] === 'auto' && flags.hardware === undefined)
    throw wrongFlag(
      'float-layers',
      'is auto, which needs --hardware, the target to be fast on; name one, or give a number',
    );
}

/** What the flags ask for, with files read and the target's costs looked up. */
export async function toRealizeRequest(
  evaluators: Evaluators,
  flags: RealizeFlags,
  folder: string,
  options: WorkOptions & { readonly signal: AbortSignal },
): Promise<IntegerRealizationRequest> {
  const defaults = REALIZE_DEFAULTS;
  const model = await resolveModel(flags, evaluators.artifacts, folder);
  const dataset = { name: await resolveDataset(flags.dataset ?? '', folder) };
  const place = await openTarget(evaluators, flags, { model, dataset }, options.signal);
  return {
    ...{ model, dataset },
    specification: await readSpecification(flags.specification ?? defaults.specification, folder),
    search: flags.search ?? defaults.search,
    objective: flags.objective ?? defaults.objective,
    thresholds: flags.thresholds ?? defaults.thresholds,
    powerOfTwo: flags['power-of-two'] ?? false,
    fitsAccumulators: (flags.start ?? defaults.start) === 'fitting',
    calibrationSamples: flags['calibration-samples'] ?? defaults.calibrationSamples,
    scoredSamples: flags['scored-samples'] ?? defaults.scoredSamples,
    maxTrials: flags.trials ?? defaults.maxTrials,
    seed: flags.seed ?? defaults.seed,
    floatLayers: await chooseFloatLayers(flags, place, options),
    replay: flags.replay === undefined ? undefined : await readReplay(flags.replay, folder),
    latency: place && (await readLatency(flags, place, options.signal)),
  };
}

async function readReplay(path: string, folder: string): Promise<string> {
  const log = await readTextFile('replay', path, folder);
  if (log.trim() === '') throw wrongFlag('replay', `${path} holds no strategy; give a log that \`--log\` wrote`);
  return log;
}

/** The target that latency is of, with the network that runs on it. */
type Place = { readonly target: Hardware; readonly network: Network };

async function openTarget(
  { hardware, quantizer }: Evaluators,
  flags: RealizeFlags,
  task: QuantizerTask,
  signal: AbortSignal,
): Promise<Place | undefined> {
  if (flags.hardware === undefined) return undefined;
  // Now, as hardware may measure for minutes before the quantizer sees what it is for.
  const network = await readFittingNetwork(quantizer, task, signal);
  return { target: await hardware.open(flags.hardware), network };
}

async function chooseFloatLayers(
  { 'float-layers': given = 0, batch }: RealizeFlags,
  place: Place | undefined,
  { signal, onProgress }: WorkOptions,
): Promise<number> {
  if (given !== 'auto') return given;
  // Given, as auto was refused without a target.
  const { target, network } = place as Place;
  return fastestPrefix(target, network, { batch, signal }, onProgress);
}

/** A file of that name, else the name of a preset. */
async function readSpecification(given: string, folder: string): Promise<string> {
  if (/\.(ya?ml|json)$/i.test(given)) return requireText(await readTextFile('specification', given, folder), given);
  if (/^[\w.-]+$/.test(given)) return given;
  throw wrongFlag('specification', `is "${given}"; give a name such as onnxruntime-cpu, or a .yaml or .json file`);
}

function requireText(text: string, path: string): string {
  if (text.trim() !== '') return text;
  throw wrongFlag('specification', `${path} is empty; write what the hardware can run (docs/strategies/hago.md)`);
}

async function readLatency(flags: RealizeFlags, { target, network }: Place, signal: AbortSignal) {
  const table = await target.tabulate(deriveLayers(network), { batch: flags.batch, counted: flags.count, signal });
  return { table, weight: flags['latency-weight'] ?? REALIZE_DEFAULTS.latencyWeight };
}
