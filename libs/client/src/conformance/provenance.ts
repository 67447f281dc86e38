import { costProto } from '@bitwright/contracts';
import type { Capabilities, Target } from './target.js';

/** Measurements scatter: what holds for a model to the last bit is not asked of them. */
export function skipMeasured({ capabilities }: Target): string | undefined {
  return capabilities.provenance === costProto.Provenance.PROVENANCE_MEASURED
    ? 'not promised where the figures are measured'
    : undefined;
}

/** Only a model promises how its figures move; a table may hold what was measured. */
export function skipUnlessSimulated({ capabilities }: Target): string | undefined {
  return capabilities.provenance === costProto.Provenance.PROVENANCE_SIMULATED
    ? undefined
    : 'promised only where the figures are simulated';
}

/** How much longer than a model a target may take to answer: whoever measures runs every layer many times. */
export function patienceOf({ provenance }: Capabilities): number {
  return provenance === costProto.Provenance.PROVENANCE_MEASURED ? 100 : 1;
}
