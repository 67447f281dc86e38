import { hardwareProto } from '@bitwright/contracts';
import { cellsOf, isClose, placeOf } from '../cells.js';
import type { Check } from '../check.js';
import { narrowest, widest } from '../policies.js';
import { skipMeasured } from '../provenance.js';
import { SAMPLE_LAYERS } from '../sample-network.js';
import type { Pair, Target } from '../target.js';

const { COUNTED_LAYERS_ALL: ALL, COUNTED_LAYERS_WITHOUT_FIRST_AND_LAST: WITHOUT_ENDS } = hardwareProto.CountedLayers;

function skipUnlessAdditive({ capabilities }: Target): string | undefined {
  return capabilities.additive
    ? undefined
    : 'the capabilities do not promise that a policy costs the sum of its layers';
}

export const additivityCheck: Check = {
  id: 'additivity',
  promise: 'the totals of a policy are the sums over its counted layers',
  skipReason: skipUnlessAdditive,
  run: async (target) => {
    const pairs = [narrowest(target.capabilities), widest(target.capabilities)];
    return (await target.evaluate(pairs)).flatMap(sumProblems);
  },
};

function sumProblems(answer: hardwareProto.EvaluateResponse): readonly string[] {
  const counted = answer.layers.filter((_, index) => answer.counted[index] === true);
  const sum = (of: (layer: (typeof counted)[number]) => number | undefined) =>
    counted.reduce((total, layer) => total + (of(layer) ?? 0), 0);
  const totals = [
    ['latency_ms', answer.latencyMs, sum(({ latencyMs }) => latencyMs)],
    ['energy_mj', answer.energyMj, sum(({ energyMj }) => energyMj)],
    ['traffic_bytes', answer.trafficBytes, sum(({ trafficBytes }) => trafficBytes)],
  ] as const;
  return totals
    .filter(([, total, summed]) => total !== undefined && !isClose(total, summed))
    .map(([name, total, summed]) => `${name} of a policy is ${total}; its counted layers add up to ${summed}`);
}

export const tableAgreementCheck: Check = {
  id: 'table-agreement',
  promise: 'Evaluate gives each layer the cost that Tabulate gives it',
  skipReason: (target) => skipUnlessAdditive(target) ?? skipMeasured(target),
  run: async (target) => {
    const pairs = [narrowest(target.capabilities), widest(target.capabilities)];
    return (await Promise.all(pairs.map((pair) => cellProblems(target, pair)))).flat();
  },
};

async function cellProblems(
  { defaultTable, evaluate }: Target,
  [weightBits, activationBits]: Pair,
): Promise<readonly string[]> {
  const table = await defaultTable();
  const [answer] = await evaluate([[weightBits, activationBits]]);
  const place = (layer: number) => placeOf(layer, weightBits, activationBits);
  const cells = cellsOf(table).filter((cell) => cell.place === place(cell.layer));
  return cells.flatMap(({ layer, latencyMs }) => {
    const evaluated = answer?.layers[layer]?.latencyMs;
    if (evaluated !== undefined && isClose(evaluated, latencyMs)) return [];
    return [`latency_ms of ${place(layer)} is ${evaluated} from Evaluate and ${latencyMs} from Tabulate`];
  });
}

export const countedLayersCheck: Check = {
  id: 'counted-layers',
  promise: 'the flags say which layers count: those that the request names, else those of the capabilities',
  run: async (target) => {
    const problems: string[] = [];
    for (const counted of [undefined, ALL, WITHOUT_ENDS]) {
      const wanted = flagsOf(counted ?? target.capabilities.defaultCounted);
      const question = counted === undefined ? {} : { counted };
      const table = await target.tabulate(question);
      const [answer] = await target.evaluate([widest(target.capabilities)], question);
      const asked =
        counted === undefined ? 'no counted layers in the request' : hardwareProto.countedLayersToJSON(counted);
      for (const [name, flags] of [
        ['Tabulate', table.counted],
        ['Evaluate', answer?.counted ?? []],
      ] as const) {
        if (String(flags) !== String(wanted))
          problems.push(`${name} with ${asked} counts ${flags}; it must be ${wanted}`);
      }
    }
    return problems;
  },
};

function flagsOf(counted: hardwareProto.CountedLayers): readonly boolean[] {
  const last = SAMPLE_LAYERS.length - 1;
  return SAMPLE_LAYERS.map((_, index) => counted !== WITHOUT_ENDS || (index > 0 && index < last));
}

export const batchCheck: Check = {
  id: 'batch',
  promise:
    'a batch of 0 is the default one, another is taken as asked, and figures per image are those of the batch / batch',
  run: async (target) => {
    const { defaultBatch, maximumBatch } = target.capabilities;
    const asked = [0, 1, Math.min(3, maximumBatch)];
    const problems: string[] = [];
    for (const batch of asked) problems.push(...(await batchProblems(target, batch, batch || defaultBatch)));
    return problems;
  },
};

async function batchProblems(target: Target, batch: number, wanted: number): Promise<readonly string[]> {
  const table = await target.tabulate({ batch });
  const [answer] = await target.evaluate([widest(target.capabilities)], { batch });
  if (answer === undefined) return ['Evaluate gave no answer for a policy'];
  const { latencyMs, latencyPerImageMs } = answer;
  const perImage = isClose(latencyPerImageMs, latencyMs / wanted)
    ? []
    : [`latency_per_image_ms is ${latencyPerImageMs} for latency_ms ${latencyMs} and a batch of ${wanted}`];
  const wrong = [['Tabulate', table.batch] as const, ['Evaluate', answer.batch] as const]
    .filter(([, found]) => found !== wanted)
    .map(([name, found]) => `${name} asked for batch ${batch} answers for ${found}; it must be ${wanted}`);
  return [...wrong, ...perImage];
}
