import { BitwrightError, invalidField, invalidFields } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { errorToJson, explainError } from './explain-error.js';

describe('an error', () => {
  it('names every flag that is wrong, one line each', () => {
    const error = invalidFields([
      { field: 'spec.seed', description: 'is -1; use a whole number' },
      { field: 'spec.pin', description: 'give first-last or none' },
    ]);
    expect(explainError(error)).toBe('--seed is -1; use a whole number\n--pin: give first-last or none');
  });

  it('that says all in its message is that message', () => {
    expect(explainError(new BitwrightError('not_found', 'X', 'there is no search 7'))).toBe('there is no search 7');
  });

  it('of the data set is about its flag, also where it names no field', () => {
    const error = new BitwrightError('not_found', 'DATASET_NOT_FOUND', 'there is no data set x');
    expect(explainError(error)).toBe('--dataset: there is no data set x');
    expect(explainError(invalidField('spec.dataset', 'x has 12 classes'))).toBe('--dataset: x has 12 classes');
  });

  it('of a model is about its flag', () => {
    const corrupt = new BitwrightError('invalid_argument', 'MODEL_CORRUPT', 'the file holds no ONNX graph');
    expect(explainError(corrupt)).toBe('--model: the file holds no ONNX graph');
    const untrained = new BitwrightError('failed_precondition', 'MODEL_UNTRAINED', 'there is no trained checkpoint');
    expect(explainError(untrained)).toBe('--network: there is no trained checkpoint');
  });

  it('of a service that is not there says so', () => {
    const gone = new BitwrightError('unavailable', 'PEER', 'connect ECONNREFUSED 127.0.0.1:7001');
    expect(explainError(gone)).toMatch(
      /^nothing answers at 127\.0\.0\.1:7001 \(ECONNREFUSED\); start the service there/,
    );
  });

  it('that nobody foresaw is one sentence without a stack', () => {
    const text = explainError(new TypeError('x is not a function'));
    expect(text).toBe('an unexpected error occurred: x is not a function (set BITWRIGHT_DEBUG=1 to see where)');
  });

  it('names flags for programs, too', () => {
    const { error } = errorToJson(invalidField('spec.final_fidelity', 'has nothing to train on'));
    const [field, description] = ['--final-finetune-samples', 'has nothing to train on'];
    expect(error).toMatchObject({ message: `${field}: ${description}`, violations: [{ field, description }] });
  });

  it('is an object for programs', () => {
    expect(errorToJson(invalidField('--seed', 'is bad'))).toEqual({
      error: {
        ...{ kind: 'invalid_argument', reason: 'INVALID_FIELD', message: '--seed: is bad' },
        violations: [{ field: '--seed', description: 'is bad' }],
      },
    });
  });
});

describe('exit codes', () => {
  it.each([
    ['invalid_argument', 'SPEC', EXIT_CODES.usage],
    ['failed_precondition', 'BUDGET_INFEASIBLE', EXIT_CODES.infeasible],
    ['failed_precondition', 'DATABASE_IN_USE', EXIT_CODES.unavailable],
    ['failed_precondition', 'FOLDER_IN_USE', EXIT_CODES.unavailable],
    ['failed_precondition', 'MODEL_UNTRAINED', EXIT_CODES.usage],
    ['failed_precondition', 'NO_REPORT', EXIT_CODES.failed],
    ['not_found', 'SEARCH', EXIT_CODES.notFound],
    ['unavailable', 'PEER', EXIT_CODES.unavailable],
    ['cancelled', 'CANCELLED', EXIT_CODES.cancelled],
    ['internal', 'INTERNAL', EXIT_CODES.failed],
  ] as const)('of %s %s is as documented', (kind, reason, code) => {
    expect(exitCodeOf({ kind, reason })).toBe(code);
  });
});
