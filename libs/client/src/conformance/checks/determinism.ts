import type { costProto } from '@bitwright/contracts';
import { type Cell, cellsOf } from '../cells.js';
import type { Check } from '../check.js';
import { skipMeasured } from '../provenance.js';
import { SAMPLE_LAYERS } from '../sample-network.js';

export const determinismCheck: Check = {
  id: 'determinism',
  promise: 'the same layer costs the same to the last bit when it is asked for again and under another name',
  skipReason: skipMeasured,
  run: async ({ defaultTable, tabulate }) => {
    const first = await defaultTable();
    const renamed = SAMPLE_LAYERS.map((layer) => ({ ...layer, name: `other-${layer.index}` }));
    return [
      ...differences(first, await tabulate(), 'the second time'),
      ...differences(first, await tabulate({ layers: renamed }), 'under another name'),
    ];
  },
};

function differences(first: costProto.CostTable, second: costProto.CostTable, when: string): readonly string[] {
  const others = cellsOf(second);
  return cellsOf(first).flatMap((cell, index) => {
    const changed = FIGURES.filter((figure) => !Object.is(cell[figure], others[index]?.[figure]));
    return changed.map(
      (figure) => `${wireName(figure)} of ${cell.place} is ${cell[figure]}, ${when} ${others[index]?.[figure]}`,
    );
  });
}

/** `latencyMs` as `latency_ms`. */
const wireName = (figure: string) => figure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const FIGURES = [
  'latencyMs',
  'energyMj',
  'trafficBytes',
  'computeMs',
  'memoryMs',
  'overheadMs',
] as const satisfies readonly (keyof Cell)[];
