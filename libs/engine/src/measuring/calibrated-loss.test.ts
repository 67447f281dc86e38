import { createRandomSource } from '@bitwright/core';
import { describe, expect, it } from 'vitest';
import { createCalibratedLoss } from './calibrated-loss.js';

const CLASSES = 5;
const random = createRandomSource(3);
const labels = Int32Array.from({ length: 400 }, () => Math.floor(random.uniform() * CLASSES));
/** Right more often than not. */
const logits = Float32Array.from(
  { length: labels.length * CLASSES },
  (_, index) => random.normal() + (labels[Math.floor(index / CLASSES)] === index % CLASSES ? 2 : 0),
);

function calibratedLoss(values: Float32Array, batch = labels.length): number {
  const loss = createCalibratedLoss();
  for (let start = 0; start < labels.length; start += batch) {
    loss.add(values.subarray(start * CLASSES, (start + batch) * CLASSES), labels.subarray(start, start + batch));
  }
  return loss.value();
}

/** At one temperature, straight from the definition. */
function lossAt(values: Float32Array, temperature: number): number {
  const losses = Array.from(labels, (label, sample) => {
    const row = [...values.subarray(sample * CLASSES, (sample + 1) * CLASSES)].map((logit) => logit / temperature);
    return Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - (row[label] as number);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

describe('the calibrated loss', () => {
  it('is the least loss over fine steps of the temperature', () => {
    const least = Math.min(...Array.from({ length: 3500 }, (_, step) => lossAt(logits, 0.3 + step / 1000)));
    expect(calibratedLoss(logits)).toBeCloseTo(least, 4);
  });

  it.each([0.5, 0.8, 1.9])('does not depend on how confident the outputs are: times %d', (factor) => {
    const scaled = logits.map((logit) => factor * logit);
    expect(calibratedLoss(scaled)).toBeCloseTo(calibratedLoss(logits), 4);
    expect(lossAt(scaled, 1)).not.toBeCloseTo(lossAt(logits, 1), 4);
  });

  it('grows where outputs are disturbed', () => {
    const disturbed = logits.map((logit) => logit + 0.5 * random.normal());
    expect(calibratedLoss(disturbed)).toBeGreaterThan(calibratedLoss(logits) + 0.01);
  });

  it('is the same in batches', () => {
    expect(calibratedLoss(logits, 25)).toBeCloseTo(calibratedLoss(logits), 12);
  });

  it('is not a number where an output is not, and without samples', () => {
    expect(calibratedLoss(logits.with(7, Number.NaN))).toBeNaN();
    expect(createCalibratedLoss().value()).toBeNaN();
  });

  it('stays finite where every sample is right and where outputs are huge', () => {
    const sure = logits.map((_, index) => (labels[Math.floor(index / CLASSES)] === index % CLASSES ? 1e30 : 0));
    expect(calibratedLoss(sure)).toBeCloseTo(0, 6);
  });
});
