import { integer, quantity, section } from '@bitwright/yaml-document';
import { z } from 'zod';
import { BATCH_RULE, COUNTING_FIELDS, ENERGY_FIELDS, IDENTITY_FIELDS } from '../profile-file/shared-fields.js';
import { bitsOf, executedBits } from './peak-table.js';
import type { Peak, RooflineProfile } from './profile.js';

const peak = section({
  weightBits: integer(1, 8),
  activationBits: integer(1, 8),
  teraOperationsPerSecond: quantity(0.000_000_001, 1_000_000),
  executedWeightBits: integer(1, 32).optional(),
  executedActivationBits: integer(1, 32).optional(),
});

const LIST = 'list the peak of every pair of weight and activation bits';

/** What a profile file may say; energies are those of 45 nm, and nothing leaks, where it says nothing. */
export const rooflineProfileSchema = section({
  ...IDENTITY_FIELDS,
  peaks: z.array(peak, LIST).min(1, LIST).max(64, LIST).superRefine(checkPairs).superRefine(checkOrder),
  dramGigabytesPerSecond: quantity(0.000_001, 1_000_000),
  launchMicrosecondsPerLayer: quantity(0, 1_000_000).default(0),
  resultBits: integer(1, 64).default(8),
  accumulatorBits: integer(1, 64).default(32),
  ...ENERGY_FIELDS,
  ...COUNTING_FIELDS,
}).refine(...BATCH_RULE) satisfies z.ZodType<Omit<RooflineProfile, 'version'>>;

/** Every pair of the widths that occur, each once: a search may combine them all. */
function checkPairs(peaks: readonly Peak[], context: z.core.$RefinementCtx): void {
  for (const weightBits of bitsOf(peaks, 'weightBits')) {
    for (const activationBits of bitsOf(peaks, 'activationBits')) {
      const entries = peaks.filter(
        (entry) => entry.weightBits === weightBits && entry.activationBits === activationBits,
      );
      if (entries.length === 1) continue;
      const pair = `${weightBits}-bit weights with ${activationBits}-bit activations`;
      const message = entries.length === 0 ? `add an entry for ${pair}` : `keep one entry for ${pair}`;
      context.addIssue({ code: 'custom', message });
    }
  }
}

/** More bits are never faster, and never run in fewer. */
function checkOrder(peaks: readonly Peak[], context: z.core.$RefinementCtx): void {
  peaks.forEach((wide, index) => {
    const narrower = peaks.filter(
      ({ weightBits, activationBits }) => weightBits <= wide.weightBits && activationBits <= wide.activationBits,
    );
    const slowest = Math.min(...narrower.map(({ teraOperationsPerSecond }) => teraOperationsPerSecond));
    if (wide.teraOperationsPerSecond > slowest) {
      const message = `use at most ${slowest}, the peak of a pair with fewer bits`;
      context.addIssue({ code: 'custom', path: [index, 'teraOperationsPerSecond'], message });
    }
    for (const operand of ['Weight', 'Activation'] as const) {
      const executed = (entry: Peak) => executedBits(entry)[`executed${operand}Bits`];
      const widest = Math.max(wide[operand === 'Weight' ? 'weightBits' : 'activationBits'], ...narrower.map(executed));
      if (executed(wide) >= widest) continue;
      const message = `use at least ${widest}, as this pair and those with fewer bits need`;
      context.addIssue({ code: 'custom', path: [index, `executed${operand}Bits`], message });
    }
  });
}
