import type { Peak, RooflineProfile } from './profile.js';

/** The widths of the peaks, ascending, each once. */
export function bitsOf(peaks: readonly Peak[], operand: 'weightBits' | 'activationBits'): readonly number[] {
  return [...new Set(peaks.map((peak) => peak[operand]))].sort((left, right) => left - right);
}

/** The peak of a pair that the capabilities list. */
export function peakAt({ peaks }: Pick<RooflineProfile, 'peaks'>, weightBits: number, activationBits: number): Peak {
  return peaks.find((peak) => peak.weightBits === weightBits && peak.activationBits === activationBits) as Peak;
}

/** The widths of the kernel that runs for a pair. */
export function executedBits({ weightBits, activationBits, executedWeightBits, executedActivationBits }: Peak) {
  return {
    executedWeightBits: executedWeightBits ?? weightBits,
    executedActivationBits: executedActivationBits ?? activationBits,
  };
}
