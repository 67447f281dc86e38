import {
  deriveLayers,
  type Hardware,
  type IntegerRealization,
  type IntegerRealizationRequest,
  type ModelSource,
  type Network,
  type WorkOptions,
} from '@bitwright/core';
import type { Evaluators } from '../connect.js';
import { defineCommand } from '../define-command.js';
import { EXIT_CODES } from '../exit-codes.js';
import { EVALUATOR_FLAGS } from '../flags/address-flags.js';
import { resolveDataset } from '../flags/dataset-flag.js';
import { wrongFlag } from '../flags/flag.js';
import { requireOneModel, resolveModel } from '../flags/model-flags.js';
import { requireTargetOf } from '../flags/optional-target.js';
import { withOwnHardware } from '../flags/own-hardware-flags.js';
import { REALIZE_DEFAULTS, REALIZE_FLAGS, type RealizeFlags } from '../flags/realize-flags.js';
import { withModelEvaluators } from '../hardware/network-layers.js';
import { printJson, printLine } from '../print.js';
import { fastestPrefix } from '../realize/fastest-prefix.js';
import { readTextFile } from '../realize/read-text-file.js';
import { describeRealization } from '../realize/realization-text.js';
import { createWorkProgressView } from '../realize/work-progress-view.js';
import { prepareFile, saveArtifact } from '../search/save-result.js';
import type { Surroundings } from '../surroundings.js';

/** `bitwright realize`. */
export const realizeCommand = defineCommand({
  name: 'realize',
  description: 'a trained network in integers on some hardware, its bits searched as HAGO does: ONNX model and log',
  flags: { ...REALIZE_FLAGS, ...EVALUATOR_FLAGS },
  examples: [
    'bitwright realize --network resnet-20 --image-size 32 --classes 10 --dataset fashion-mnist',
    'bitwright realize … --specification int8-accelerator-int16 --search greedy --log strategy.jsonl',
    'bitwright realize … --specification my-npu.yaml --replay strategy.jsonl --out model.onnx',
  ],
  run: async ({ flags, json, surroundings }) => {
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
    const { 'hardware-address': hardware, 'quantizer-address': quantizer } = flags;
    const paths = {
      model: await prepareFile(flags.out, surroundings.folder),
      log: await prepareFile(flags.log, surroundings.folder),
    };
    const world = withOwnHardware(flags, hardware, surroundings);
    await withModelEvaluators(flags, { hardware, quantizer }, world, async (evaluators) => {
      const result = await realize(evaluators, flags, world, json);
      const files = await saveFiles(result, evaluators, paths);
      if (json) printJson(surroundings.stdout, { ...result, files });
      else printLine(surroundings.stdout, describeRealization(result, files));
    });
    return EXIT_CODES.ok;
  },
});

async function realize(evaluators: Evaluators, flags: RealizeFlags, surroundings: Surroundings, json: boolean) {
  const signal = surroundings.interrupted();
  const view = createWorkProgressView(surroundings.stderr, json);
  try {
    const request = await toRequest(evaluators, flags, surroundings, { signal, onProgress: view.show });
    return await evaluators.quantizer.realizeIntegers(request, { signal, onProgress: view.show });
  } finally {
    view.stop();
  }
}

async function toRequest(
  evaluators: Evaluators,
  flags: RealizeFlags,
  { folder }: Surroundings,
  options: WorkOptions & { readonly signal: AbortSignal },
): Promise<IntegerRealizationRequest> {
  const defaults = REALIZE_DEFAULTS;
  const model = await resolveModel(flags, evaluators.artifacts, folder);
  const place = await openTarget(evaluators, flags, model, options.signal);
  return {
    model,
    dataset: { name: await resolveDataset(flags.dataset ?? '', folder) },
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
  model: ModelSource,
  signal: AbortSignal,
): Promise<Place | undefined> {
  if (flags.hardware === undefined) return undefined;
  const { network } = await quantizer.describeModel(model, signal);
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
  return /\.(ya?ml|json)$/i.test(given) ? readTextFile('specification', given, folder) : given;
}

async function readLatency(flags: RealizeFlags, { target, network }: Place, signal: AbortSignal) {
  const table = await target.tabulate(deriveLayers(network), { batch: flags.batch, counted: flags.count, signal });
  return { table, weight: flags['latency-weight'] ?? REALIZE_DEFAULTS.latencyWeight };
}

type RealizedFiles = { readonly model: string | undefined; readonly log: string | undefined };

async function saveFiles(
  { onnxDigest, logDigest }: IntegerRealization,
  { artifacts }: Evaluators,
  { model, log }: RealizedFiles,
): Promise<RealizedFiles> {
  if (model !== undefined) await saveArtifact(artifacts, onnxDigest, model);
  if (log !== undefined) await saveArtifact(artifacts, logDigest, log);
  return { model, log };
}
