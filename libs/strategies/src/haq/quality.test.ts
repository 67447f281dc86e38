import { describe, expect, it } from 'vitest';
import { createProblem, separableLayers } from '../testing/problems.js';
import { createQuality } from './quality.js';

const problem = { ...createProblem({ layers: separableLayers(3) }), floatAccuracy: 0.93, floatCalibratedLoss: 0.2 };
const published = createQuality({ reward: 'accuracy', rewardScale: 0.1 }, problem);
const ours = createQuality({ reward: 'calibrated-loss', rewardScale: 0.1 }, problem);

describe("HAQ's reward", () => {
  it('is a tenth of the points of accuracy lost, as published', () => {
    const loss = published.lossOf({ accuracy: 0.91, calibratedLoss: 0.2 });
    expect(published.reward(loss as number)).toBeCloseTo(-0.2, 12);
  });

  it('is a tenth of the points of likelihood lost by default', () => {
    const loss = ours.lossOf({ accuracy: 0.93, calibratedLoss: 0.25 }) as number;
    expect(loss).toBeCloseTo(0.05, 12);
    expect(ours.reward(loss)).toBeCloseTo(10 * (Math.exp(-0.25) - Math.exp(-0.2)), 12);
  });

  it('tells policies of equal accuracy apart', () => {
    const [better, worse] = [0.21, 0.24].map((calibratedLoss) => ours.lossOf({ accuracy: 0.92, calibratedLoss }));
    expect(better).toBeLessThan(worse as number);
  });

  it('goes by accuracy where a network diverged, and where the float network has no loss', () => {
    expect(ours.lossOf({ accuracy: 0.1 })).toBeCloseTo(Math.log(9.3), 12);
    const without = createQuality(
      { reward: 'calibrated-loss', rewardScale: 0.1 },
      { ...problem, floatCalibratedLoss: undefined },
    );
    expect(without.lossOf({ accuracy: 0.91, calibratedLoss: 0.2 })).toBeCloseTo(Math.log(0.93 / 0.91), 12);
  });

  it('is none where the evaluation failed', () => {
    expect(ours.lossOf({ accuracy: undefined })).toBeUndefined();
    expect(published.lossOf({ accuracy: undefined })).toBeUndefined();
  });
});
