import type { Check } from '../check.js';
import { concurrencyCheck } from './concurrency.js';
import { costTableCheck, energyCheck, executedBitsCheck, unitsCheck } from './cost-table.js';
import { capabilitiesCheck, healthCheck, unknownHardwareCheck } from './description.js';
import { determinismCheck } from './determinism.js';
import { limitsCheck } from './limits.js';
import { cancellationCheck, deadlineCheck } from './liveness.js';
import { monotoneInBatchCheck, monotoneInBitsCheck } from './monotonicity.js';
import { badInputCheck, unsupportedBitsCheck } from './refusals.js';
import { answerOrderCheck } from './streaming.js';
import { additivityCheck, batchCheck, countedLayersCheck, tableAgreementCheck } from './totals.js';

/** Every promise of the contract, in the order of the report. */
export const CHECKS: readonly Check[] = [
  healthCheck,
  capabilitiesCheck,
  unknownHardwareCheck,
  costTableCheck,
  unitsCheck,
  energyCheck,
  executedBitsCheck,
  determinismCheck,
  monotoneInBitsCheck,
  monotoneInBatchCheck,
  batchCheck,
  countedLayersCheck,
  additivityCheck,
  tableAgreementCheck,
  answerOrderCheck,
  unsupportedBitsCheck,
  badInputCheck,
  limitsCheck,
  deadlineCheck,
  concurrencyCheck,
  // Last: a service that does not let go of calls has none left for other checks.
  cancellationCheck,
];
