/** A learning rate over a training: rises linearly over the first `warmUpSteps`, then falls to 0 along a cosine. */
export type CosineSchedule = { readonly peak: number; readonly steps: number; readonly warmUpSteps: number };

/** The rate of step `step` (from 0). */
export function cosineRate({ peak, steps, warmUpSteps }: CosineSchedule, step: number): number {
  if (step < warmUpSteps) return (peak * (step + 1)) / warmUpSteps;
  const progress = (step - warmUpSteps) / Math.max(1, steps - warmUpSteps);
  return 0.5 * peak * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}
