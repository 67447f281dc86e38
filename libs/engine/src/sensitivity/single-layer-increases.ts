import { type Layer, type LayerIncreases, uniformPolicy } from '@bitwright/core';
import type { Histogram } from '@bitwright/quantizers';
import { type LayerPlan, type QuantizationPlan, structureOf } from '../quantization/plan.js';
import type { ImageBatch } from '../samples/image-batch.js';
import type { Work } from '../work.js';
import { compareWithFloat } from './compare-with-float.js';
import { createLayerProbe, type LayerProbe, withQuantizedWeight } from './layer-probe.js';
import { type KnownFigures, measuredLine } from './measured-lines.js';
import type { OutputChange } from './output-change.js';
import type { SensitivityBench, SensitivityTask } from './sensitivity-task.js';

/** What every layer alone adds, by what the outputs are compared with. */
export type SingleLayerIncreases = {
  readonly loss: readonly LayerIncreases[];
  readonly divergence: readonly LayerIncreases[];
};

export type IncreaseRoles = { readonly weights: boolean; readonly activations: boolean };

/** Stand for float in activations: 65535 steps. */
const FINE_BITS = 16;

/**
 * Quantizes one layer after the other, its weights and its input, at each width, and looks at the outputs; what is known
 * already is taken over.
 */
export function* singleLayerIncreases(
  bench: SensitivityBench,
  task: SensitivityTask,
  batches: readonly ImageBatch[],
  roles: IncreaseRoles,
  known: KnownFigures,
): Work<SingleLayerIncreases> {
  const { layers } = bench.evaluator;
  const weightBits = roles.weights ? task.weightBits : [];
  const activationBits = roles.activations ? task.activationBits : [];
  const fine = finePlan(layers, yield* bench.evaluator.calibrate(task.calibrationSamples));
  const plans = yield* plansByBits(bench, task, new Set([...weightBits, ...activationBits]));
  const planOf = (bits: number, layer: Layer) => (plans.get(bits) as QuantizationPlan)[layer.index] as LayerPlan;
  using probes = createProbes(bench, fine);
  const measure = compareWithFloat(probes.fine, batches);
  const total = layers.length * (weightBits.length + activationBits.length);
  const found: LayerChanges[] = [];
  let done = 0;
  function* changeOf(key: string, look: () => OutputChange): Work<OutputChange> {
    done += 1;
    const [loss, divergence] = known.get(key) ?? [];
    if (loss !== undefined && divergence !== undefined) return { loss, divergence };
    const change = look();
    const logLines = [measuredLine(key, [change.loss, change.divergence])];
    yield { phase: 'measuring sensitivity', done, total, logLines };
    return change;
  }
  for (const layer of layers) {
    const changes: LayerChanges = { weights: [], activations: [] };
    for (const bits of weightBits) {
      const look = () => probes.withWeight(planOf(bits, layer), measure);
      changes.weights.push(yield* changeOf(`weights/${layer.index}/${bits}`, look));
    }
    for (const bits of activationBits) {
      const look = () => probes.withActivation(planOf(bits, layer), measure);
      changes.activations.push(yield* changeOf(`activations/${layer.index}/${bits}`, look));
    }
    found.push(changes);
  }
  return { loss: increasesOf(found, 'loss'), divergence: increasesOf(found, 'divergence') };
}

type LayerChanges = { readonly weights: OutputChange[]; readonly activations: OutputChange[] };

function increasesOf(found: readonly LayerChanges[], kind: keyof OutputChange): readonly LayerIncreases[] {
  return found.map(({ weights, activations }) => ({
    weights: weights.map((change) => change[kind]),
    activations: activations.map((change) => change[kind]),
  }));
}

/** Activations as good as float, weights in float. Twice the calibrated range: the batch's statistics move values. */
function finePlan(layers: readonly Layer[], histograms: ReadonlyMap<string, Histogram>): QuantizationPlan {
  return layers.map((layer): LayerPlan => {
    const clip = 2 * (histograms.get(layer.inputTensor)?.maximum ?? 1);
    return {
      layer,
      weight: { kind: 'float' },
      activation: { kind: 'linear', bits: FINE_BITS, signed: layer.inputSigned, clip },
    };
  });
}

/** One plan a width: all layers at it. */
export function* plansByBits(
  { evaluator }: SensitivityBench,
  { scheme, calibrationSamples, seed }: SensitivityTask,
  widths: ReadonlySet<number>,
): Work<ReadonlyMap<number, QuantizationPlan>> {
  const plans = new Map<number, QuantizationPlan>();
  for (const bits of widths) {
    const policy = uniformPolicy(evaluator.layers.length, bits, bits, scheme);
    plans.set(bits, yield* evaluator.plan(policy, calibrationSamples, seed));
  }
  return plans;
}

/** The float network in which one layer at a time is quantized, for as long as `use` looks at it. */
type Probes = Disposable & {
  readonly fine: LayerProbe;
  withWeight<T>(entry: LayerPlan, use: (probe: LayerProbe) => T): T;
  withActivation<T>(entry: LayerPlan, use: (probe: LayerProbe) => T): T;
};

function createProbes(
  { model, preprocessing, evaluator: { layers } }: SensitivityBench,
  fine: QuantizationPlan,
): Probes {
  const create = (plan: QuantizationPlan) => {
    const probe = createLayerProbe(model.network, layers, preprocessing, structureOf(plan));
    probe.setParameters(model.parameters);
    probe.setActivations(plan);
    return probe;
  };
  const kept = create(fine);
  return {
    fine: kept,
    withWeight: (entry, use) => withQuantizedWeight(kept, model.parameters, entry, () => use(kept)),
    withActivation: ({ layer, activation }, use) => {
      const plan = fine.map((entry) => (entry.layer === layer ? { ...entry, activation } : entry));
      if (structureOf(plan).activations.includes('binary')) {
        // One signed bit is another operation: another graph.
        using probe = create(plan);
        return use(probe);
      }
      kept.setActivations(plan);
      const result = use(kept);
      kept.setActivations(fine);
      return result;
    },
    [Symbol.dispose]: () => kept[Symbol.dispose](),
  };
}
