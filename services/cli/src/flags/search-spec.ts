import {
  type ArtifactStore,
  DEFAULT_POINTS,
  type Fidelity,
  type PartialSearchSpec,
  type QuantizationScheme,
} from '@bitwright/core';
import { resolveDataset } from './dataset-flag.js';
import { wrongFlag } from './flag.js';
import { requireOneModel, resolveModel } from './model-flags.js';
import { requireTargets, settingOf } from './per-target.js';
import { SEARCH_DEFAULTS } from './search-defaults.js';
import type { SearchFlags } from './search-flags.js';

/** Throws `invalid_argument` when a flag that has no default is missing, before anything is started. */
export function requireComplete(flags: Omit<SearchFlags, 'strategy-option'>): void {
  requireOneModel(flags);
  if (flags.dataset === undefined)
    throw wrongFlag('dataset', 'is missing; name one of `bitwright datasets`, or give a folder');
  if (flags.hardware === undefined)
    throw wrongFlag('hardware', 'is missing; name one of `bitwright hardware list`, for example bismo-edge');
  requireTargets('batch', flags.batch, flags.hardware);
  requireTargets('count', flags.count, flags.hardware);
}

/** The search that the flags describe; paths are seen from `folder`, and an ONNX file is put into the store. */
export async function toSearchSpec(
  flags: SearchFlags,
  store: ArtifactStore,
  folder: string,
): Promise<PartialSearchSpec> {
  requireComplete(flags);
  const { hardware = [], batch, count, trials } = flags;
  return {
    model: await resolveModel(flags, store, folder),
    dataset: { name: await resolveDataset(flags.dataset ?? '', folder) },
    hardware: hardware.map((name) => ({ name, batch: settingOf(batch, name), counted: settingOf(count, name) })),
    strategy: {
      name: flags.strategy ?? SEARCH_DEFAULTS.strategy.name,
      options: Object.fromEntries(flags['strategy-option'] ?? []),
    },
    scheme: {
      weightQuantizer: flags.scheme ?? SEARCH_DEFAULTS.scheme.weightQuantizer,
      granularity: flags.granularity ?? SEARCH_DEFAULTS.scheme.granularity,
      ...pointsOf(flags),
    },
    trialFidelity: fidelityOf(flags, '', SEARCH_DEFAULTS.trialFidelity),
    finalFidelity: fidelityOf(flags, 'final-', SEARCH_DEFAULTS.finalFidelity),
    ...given({ timeLimitSeconds: flags['time-limit'] }),
    ...given({ budget: flags.budget, pin: flags.pin, maxTrials: trials, finalists: flags.finalists, seed: flags.seed }),
    ...given({ weightBits: flags['weight-bits'], activationBits: flags['activation-bits'] }),
  };
}

/** Only where something was said of points: the quantizer has a default. */
function pointsOf({
  scheme,
  points,
  'maximum-points': maximumPoints,
}: SearchFlags): Pick<QuantizationScheme, 'points'> {
  if (points === undefined && maximumPoints === undefined) return {};
  if (scheme !== 'multipoint')
    throw wrongFlag(points === undefined ? 'maximum-points' : 'points', 'goes with --scheme multipoint alone');
  const asked = points ?? DEFAULT_POINTS;
  return { points: { ...asked, maximumPoints: maximumPoints ?? asked.maximumPoints } };
}

/** What `--NAME` says of a trial, or `--final-NAME` of the final fine-tuning. */
function fidelityOf(flags: SearchFlags, prefix: '' | 'final-', standard: Fidelity): Fidelity {
  return {
    calibrationSamples: flags[`${prefix}calibration-samples`] ?? standard.calibrationSamples,
    finetuneSamples: flags[`${prefix}finetune-samples`] ?? standard.finetuneSamples,
    finetuneEpochs: flags[`${prefix}finetune-epochs`] ?? standard.finetuneEpochs,
    validationSamples: flags[`${prefix}validation-samples`] ?? standard.validationSamples,
    learningRate: flags[`${prefix}learning-rate`] ?? standard.learningRate,
    batchSize: flags[`${prefix}batch-size`] ?? standard.batchSize,
    ...given({ distillation: flags[`${prefix}distillation`] ?? standard.distillation }),
  };
}

type Given<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Without the keys that were not given, so that their defaults hold. */
function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}
