import { BitwrightError, type SearchProblem, type SensitivityReport } from '@bitwright/core';

/** The problem's sensitivity. Throws `internal` where a search did not measure what the strategy asked for. */
export function requireSensitivity({ sensitivity }: SearchProblem): SensitivityReport {
  if (sensitivity !== undefined) return sensitivity;
  throw new BitwrightError('internal', 'NOT_MEASURED', 'the sensitivity of the layers was not measured');
}
