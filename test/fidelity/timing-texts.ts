import type { OnnxTiming } from '@bitwright/engine/timing';

/** Until all rounds are done, and nobody waits in between. */
export const ALL_ROUNDS = { longestMs: Number.POSITIVE_INFINITY, pause: async () => {} };

/** A timing as two columns of a table. */
export const timingTexts = ({
  medianMs,
  spreadMs,
  speedUp,
  speedUpSpread,
}: Omit<OnnxTiming, 'name'>): readonly string[] => [
  `${medianMs.toFixed(3)} (${spreadMs.toFixed(3)})`,
  `${speedUp.toFixed(2)} x (${speedUpSpread.toFixed(2)})`,
];
