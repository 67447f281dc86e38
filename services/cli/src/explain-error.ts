import { type BitwrightError, toBitwrightError } from '@bitwright/core';
import { namesOf } from '@bitwright/service-kit';
import { STOPPED } from './stopped-error.js';

/** Fields of a search's spec that are not spelt like their flag. */
const FLAG_OF_FIELD: Readonly<Record<string, string>> = {
  'spec.max_trials': '--trials',
  'spec.time_limit_seconds': '--time-limit',
  'spec.hardware.name': '--hardware',
  'spec.hardware.batch': '--batch',
  'spec.hardware.counted': '--count',
  'spec.strategy.name': '--strategy',
  'spec.strategy.options': '--strategy-option',
  'spec.scheme.weight_quantizer': '--scheme',
  'spec.scheme.granularity': '--granularity',
  'spec.model.zoo.network': '--network',
  'spec.model.zoo.width': '--width',
  'spec.model.zoo.image_size': '--image-size',
  'spec.model.zoo.classes': '--classes',
  'spec.model.zoo.output_stride': '--output-stride',
  'spec.model.artifact_digest': '--model',
  'spec.dataset': '--dataset',
  // As the zoo names them.
  network: '--network',
  width: '--width',
  imageSize: '--image-size',
  classes: '--classes',
  outputStride: '--output-stride',
  // As the quantizer does.
  dataset: '--dataset',
  // As calibration does.
  fit: '--fit',
};

/** An error in sentences a user can act on, one line each: what is wrong, where, and how to mend it. Never a stack. */
export function explainError(thrown: unknown): string {
  const error = toBitwrightError(thrown);
  if (error.kind === 'internal' && error.cause !== undefined) return explainInternal(error);
  if (error.reason.startsWith('DATASET_') && error.violations.length === 0) return `--dataset: ${error.message}`;
  if (error.violations.length === 0) return firstSentenceOf(error);
  return error.violations.map(({ field, description }) => sentence(flagOf(field), description)).join('\n');
}

/** The same, for programs: one JSON object. */
export function errorToJson(thrown: unknown): { readonly error: Record<string, unknown> } {
  const { kind, reason, message, violations } = toBitwrightError(thrown);
  return { error: { kind, reason, message, violations } };
}

/** The flag for a field of a request (`spec.trial_fidelity.batch_size` is `--batch-size`); other fields stay. */
export function flagOf(field: string): string {
  const path = field.replace(/\[\d+\]/g, '');
  const known = FLAG_OF_FIELD[path];
  if (known !== undefined) return known;
  const option = /^spec\.strategy\.options\.(.+)$/.exec(path)?.[1];
  if (option !== undefined) return `--strategy-option ${option}`;
  const [, part, name] = /^spec\.(trial_fidelity\.|final_fidelity\.)?([a-z_]+)$/.exec(path) ?? [];
  if (name === undefined) return field;
  return `--${part === 'final_fidelity.' ? 'final-' : ''}${name.replaceAll('_', '-')}`;
}

/** Some descriptions repeat the field, some say "is …", some begin anew. */
function sentence(flag: string, description: string): string {
  return description.startsWith('is ') || description.startsWith('has ') || description.startsWith('needs ')
    ? `${flag} ${description}`
    : `${flag}: ${description}`;
}

function firstSentenceOf({ kind, reason, message }: BitwrightError): string {
  return kind === 'cancelled' && reason !== STOPPED ? 'cancelled' : message;
}

function explainInternal(error: BitwrightError): string {
  const cause = error.cause instanceof Error ? error.cause.message : String(error.cause);
  return `${error.message}: ${cause.split('\n')[0]} (set ${namesOf('debug').environment}=1 to see where)`;
}
