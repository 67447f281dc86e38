import type { Model, Preprocessing, SensitivityRequest } from '@bitwright/core';
import type { Dataset } from '@bitwright/datasets';
import type { PolicyEvaluator } from '../evaluation/policy-evaluator.js';

/** What sensitivity is measured with. */
export type SensitivityBench = {
  readonly model: Model;
  readonly data: Dataset;
  readonly preprocessing: Preprocessing;
  readonly evaluator: PolicyEvaluator;
};

/** What to measure. */
export type SensitivityTask = Omit<SensitivityRequest, 'model' | 'dataset'>;
