import { BitwrightError, type RandomSource } from '@bitwright/core';

/**
 * A draw from the normal distribution around `mean` cut to 0..1. Rejection: at least a third of the draws are kept for
 * means in 0..1, whatever the deviation below 1; a wider one is nearly uniform and drawn by rejection all the same. Throws
 * `failed_precondition` `DIVERGED` for a mean that is no number.
 */
export function truncatedNormal(mean: number, deviation: number, random: RandomSource): number {
  if (!Number.isFinite(mean)) throw diverged();
  if (deviation <= 0) return Math.min(1, Math.max(0, mean));
  for (;;) {
    const value = mean + deviation * random.normal();
    if (value >= 0 && value <= 1) return value;
  }
}

function diverged(): BitwrightError {
  const message = "the agent's actions are no numbers any more; use a smaller rewardScale or smaller learning rates";
  return new BitwrightError('failed_precondition', 'DIVERGED', message);
}

/** σ of an episode: σ0 decay^(episodes after the warm-up). */
export function explorationDeviation(
  episode: number,
  { noise, noiseDecay, warmUp }: { noise: number; noiseDecay: number; warmUp: number },
): number {
  return noise * noiseDecay ** Math.max(0, episode - warmUp);
}
