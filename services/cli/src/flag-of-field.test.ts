import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from './commands/index.js';
import { flagOf, nameFlags } from './flag-of-field.js';

const PROTO = fileURLToPath(new URL('../../../proto/bitwright', import.meta.url));

/** Fields of every message of the contracts, with their types. */
function readMessages(): ReadonlyMap<string, readonly (readonly [name: string, type: string])[]> {
  const files = readdirSync(PROTO, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.proto'));
  const text = files.map((name) => readFileSync(`${PROTO}/${name}`, 'utf8')).join('\n');
  const messages = [...text.matchAll(/^message (\w+) \{\n(.*?)^\}/gms)];
  return new Map(
    messages.map(([, message = '', body = '']) => {
      const fields = body.matchAll(/^\s+(?:optional |repeated )?([\w.]+) (\w+) = \d+/gm);
      return [message, [...fields].map(([, type = '', name = '']) => [name, type.split('.').at(-1) ?? ''] as const)];
    }),
  );
}

const MESSAGES = readMessages();

/** Every field of a message and of the messages in it, as violations spell them. */
function fieldsOf(message: string, path: string): readonly string[] {
  const fields = MESSAGES.get(message) ?? [];
  return fields.flatMap(([name, type]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [own, ...fieldsOf(type, own)];
  });
}

/** What no flag decides: the command fills it in. */
const FILLED_IN = [
  ...['request.split', 'page_token', 'request.fidelity.calibration_samples', 'request.fidelity.validation_samples'],
];

describe('a field that is refused', () => {
  it.each([
    ['search', 'SearchSpec', 'spec', 40],
    ['realize', 'RealizeIntegersRequest', 'request', 30],
    ['learn', 'LearnPrecisionRequest', 'request', 30],
    ['resolve', 'ResolvePolicyRequest', '', 5],
    ['list', 'ListSearchesRequest', '', 2],
  ])('is a flag or an argument of %s, whichever it is of %s', (verb, message, root, least) => {
    const command = COMMANDS.find(({ name }) => name === verb);
    const known = [...Object.keys(command?.flags ?? {}).map((name) => `--${name}`), ...(command?.arguments ?? [])];
    const fields = fieldsOf(message, root).filter((field) => !FILLED_IN.includes(field));
    expect(fields.length).toBeGreaterThanOrEqual(least);
    const strange = fields.filter((field) => !known.includes(flagOf(field)));
    expect(strange.map((field) => `${field} is ${flagOf(field)}`)).toEqual([]);
  });

  it.each([
    ['spec.max_trials', '--trials'],
    ['spec.hardware[1].name', '--hardware'],
    ['spec.hardware[0].counted', '--count'],
    ['spec.trial_fidelity.finetune_samples', '--finetune-samples'],
    ['spec.final_fidelity.learning_rate', '--final-learning-rate'],
    ['spec.final_fidelity', '--final-finetune-samples'],
    ['spec.weight_bits', '--weight-bits'],
    ['spec.budget[1]', '--budget'],
    ['spec.pin', '--pin'],
    ['spec.scheme.points', '--points'],
    ['spec.scheme.points.limit', '--points'],
    ['spec.scheme.points.maximumPoints', '--maximum-points'],
    ['spec.strategy.options.noise', '--strategy-option noise'],
    ['spec.strategy.options.haq.noise', '--strategy-option haq.noise'],
    ['request.specification', '--specification'],
    ['request.specification: operators.add[0].inputs', '--specification: operators.add[0].inputs'],
    ['request.replay: line 3', '--replay: line 3'],
    ['request.latency.cells[2].latency_ms', '--hardware'],
    ['request.latency_weight', '--latency-weight'],
    ['minimum_bits', '--minimum-bits'],
    ['fidelity', '--samples'],
    ['pin', '--no-pin'],
    ['imageSize', '--image-size'],
    ['outputStride', '--output-stride'],
    ['batch', '--batch'],
    ['search_id', '<search>'],
    ['--seed', '--seed'],
    ['<table>', '<table>'],
    ['my.yaml: peaks[0]', 'my.yaml: peaks[0]'],
    ['layers[3].kind', 'layers[3].kind'],
  ])('%s is %s', (field, flag) => {
    expect(flagOf(field)).toBe(flag);
  });

  it('is a flag also in the middle of a sentence', () => {
    expect(nameFlags('spec.final_fidelity: has none; request.evaluation.fidelity.batch_size is 0 (see spec.md)')).toBe(
      '--final-finetune-samples: has none; --batch-size is 0 (see spec.md)',
    );
  });
});
