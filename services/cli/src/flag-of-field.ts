import { LEARN_FLAGS } from './flags/learn-flags.js';
import { REALIZE_FLAGS } from './flags/realize-flags.js';
import { SEARCH_FLAGS } from './flags/search-flags.js';

/** Fields of requests that are not spelt like their flag. What lies below one of them is of the same flag. */
const FLAG_OF_FIELD: Readonly<Record<string, string>> = {
  'spec.max_trials': '--trials',
  'spec.time_limit_seconds': '--time-limit',
  'spec.hardware.counted': '--count',
  'spec.hardware.batch': '--batch',
  'spec.strategy.options_json': '--strategy-option',
  'spec.strategy.options': '--strategy-option',
  'spec.scheme.weight_quantizer': '--scheme',
  'spec.scheme.points.maximum_points': '--maximum-points',
  'spec.trial_fidelity': '--finetune-samples',
  'spec.final_fidelity': '--final-finetune-samples',
  'spec.model.artifact_digest': '--model',
  'spec.model': '--network',
  // Of realize.
  'request.max_trials': '--trials',
  'request.fits_accumulators': '--start',
  'request.latency': '--hardware',
  'request.model.artifact_digest': '--model',
  'request.model': '--network',
  // Of learn; the quantizer names some by themselves.
  'request.limits.limits.table': '--hardware',
  'request.limits': '--budget',
  'request.mean_bits': '--weight-bits',
  'request.pin_first_last': '--no-pin',
  'request.fidelity.finetune_samples': '--samples',
  'request.fidelity.finetune_epochs': '--epochs',
  'request.fidelity': '--samples',
  pin: '--no-pin',
  fidelity: '--samples',
  // Of every command that names a search, or lists them.
  search_id: '<search>',
  page_size: '--limit',
  state: '--state',
  // As hardware and calibration name theirs.
  counted: '--count',
  fit: '--fit',
};

/** Parts of requests whose fields have flags of their own. */
const PARTS =
  /^(?:spec|request)\.(?:evaluation\.)?(?:(?:trial_fidelity|fidelity|scheme|strategy|model\.zoo|mean_bits)\.)?/;

const FLAGS = new Set(Object.keys({ ...SEARCH_FLAGS, ...REALIZE_FLAGS, ...LEARN_FLAGS }));

/**
 * The flag for a field of a request (`spec.trial_fidelity.batch_size` is `--batch-size`), or the argument (`<search>`); what is
 * said of a place in a file (`request.replay: line 3`) stays behind it. Fields that no flag decides stay as they are.
 */
export function flagOf(field: string): string {
  const [, path = field, place = ''] = /^([\w.[\]]+)(: .*)?$/s.exec(field) ?? [];
  const option = /^spec\.strategy\.options\.(.+)$/.exec(path)?.[1];
  if (option !== undefined) return `--strategy-option ${option}`;
  const flag = nearestFlag(toSnakeCase(path.replace(/\[\d+\]/g, '')));
  return flag === undefined ? field : `${flag}${place}`;
}

/** Its own, or that of the part of the request that it lies in. */
function nearestFlag(path: string): string | undefined {
  const name = path.replace('spec.final_fidelity.', 'final_').replace(PARTS, '').replaceAll('_', '-');
  const flag = FLAG_OF_FIELD[path] ?? (FLAGS.has(name) ? `--${name}` : undefined);
  const end = path.lastIndexOf('.');
  return flag ?? (end < 0 ? undefined : nearestFlag(path.slice(0, end)));
}

/** The zoo and the core write `imageSize` where contracts have `image_size`. */
const toSnakeCase = (path: string) => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The same text with flags in place of the fields of a request that it names, for failures that are told in a sentence. */
export function nameFlags(text: string): string {
  return text.replace(/(?<![\w.])(?:spec|request)(?:\.\w+(?:\[\d+\])?)+/g, flagOf);
}
