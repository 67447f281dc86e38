import { openProfile } from '@bitwright/accelerators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitIdentifiable } from './identify.js';
import { mapCells, tableOf, VARIED_LAYERS } from './measured-table.test-support.js';
import { readObservations } from './observations.js';
import { huberLoss, residualsAt } from './residuals.js';

const PROFILE = openProfile(
  JSON.stringify({
    ...{ model: 'roofline', name: 'board', dramGigabytesPerSecond: 20, launchMicrosecondsPerLayer: 3 },
    peaks: [{ weightBits: 8, activationBits: 8, teraOperationsPerSecond: 1 }],
  }),
  'board.yaml',
);
const LAYERS = VARIED_LAYERS.slice(1, 8);
const TABLE = await tableOf(PROFILE, LAYERS);

describe('a fit', () => {
  it('never ends worse than the profile that it began with, whatever was measured, and stays in plausible ranges', () => {
    const latencies = fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(latencies, fc.integer({ min: 0, max: 1000 }), (measured, seed) => {
        const table = mapCells(TABLE, (cell, layer) => ({ ...cell, latencyMs: measured[layer] as number }));
        const { observations } = readObservations(table, PROFILE, 'latency');
        const free = PROFILE.constants.filter(({ explains }) => explains === 'latency');
        const { findings, width } = fitIdentifiable({ profile: PROFILE, metric: 'latency', observations, free }, seed);
        const changed = findings.filter(({ status }) => status !== 'kept');
        const fitted = PROFILE.tune(Object.fromEntries(changed.map(({ constant, value }) => [constant.name, value])));
        const lossOf = (profile: typeof PROFILE) =>
          huberLoss(residualsAt({ profile, metric: 'latency', observations, free: [] }, []), width);
        expect(lossOf(fitted)).toBeLessThanOrEqual(lossOf(PROFILE) * (1 + 1e-9));
        for (const { constant, value } of changed) {
          expect(value).toBeGreaterThanOrEqual(constant.low * (1 - 1e-9));
          expect(value).toBeLessThanOrEqual(constant.high * (1 + 1e-9));
        }
      }),
      { numRuns: 40 },
    );
  });
});
