import { BitwrightError, deriveLayers, type Layer, type Model, type Parameters } from '@bitwright/core';
import { exportOnnx, importOnnx } from '@bitwright/onnx';
import { assignToNearest } from '@bitwright/quantizers';
import type { LayerPlan, QuantizationPlan, WeightPlan } from '../quantization/plan.js';

/** Metadata key under which a checkpoint keeps how it is quantized. */
const PLAN_KEY = 'bitwright.quantization';

/** A layer's quantizers without what the parameters tell already: the layer, and which weight is in which cluster. */
type StoredWeight =
  | Exclude<WeightPlan, { kind: 'k-means' }>
  | { readonly kind: 'k-means'; readonly centroids: readonly number[] };
type StoredLayer = { readonly weight: StoredWeight; readonly activation: LayerPlan['activation'] };

/** A fine-tuned network: parameters before quantization, and how they are quantized. */
export type TunedModel = { readonly model: Model; readonly plan: QuantizationPlan };

/** Writes a fine-tuned network as a float ONNX file that carries its quantizers in its metadata. */
export function writeCheckpointFile({ model, plan }: TunedModel): Uint8Array {
  const stored = plan.map(({ weight, activation }): StoredLayer => ({ weight: toStoredWeight(weight), activation }));
  return exportOnnx(model, { metadata: { [PLAN_KEY]: JSON.stringify(stored) } });
}

/** Reads what {@link writeCheckpointFile} wrote. Throws `invalid_argument` for any other ONNX file. */
export function readCheckpointFile(bytes: Uint8Array): TunedModel {
  const { model, metadata } = importOnnx(bytes);
  const layers = deriveLayers(model.network);
  const stored = parsePlan(metadata[PLAN_KEY], layers.length);
  const plan = layers.map((layer, index): LayerPlan => {
    const { weight, activation } = stored[index] as StoredLayer;
    return { layer, weight: fromStoredWeight(weight, layer, model.parameters), activation };
  });
  return { model, plan };
}

function toStoredWeight(weight: WeightPlan): StoredWeight {
  return weight.kind === 'k-means' ? { kind: 'k-means', centroids: [...weight.codebook.centroids] } : weight;
}

/** After fine-tuning every weight is a centroid, so the nearest one is its own. */
function fromStoredWeight(weight: StoredWeight, layer: Layer, parameters: Parameters): WeightPlan {
  if (weight.kind !== 'k-means') return weight;
  const centroids = Float32Array.from(weight.centroids);
  const values = parameters.get(`${layer.name}.weight`)?.values ?? new Float32Array();
  return { kind: 'k-means', codebook: { centroids, assignments: assignToNearest(values, centroids) } };
}

function parsePlan(text: string | undefined, layerCount: number): readonly StoredLayer[] {
  const stored: unknown = text === undefined ? undefined : JSON.parse(text);
  if (Array.isArray(stored) && stored.length === layerCount) return stored as StoredLayer[];
  const message = 'the artifact is no checkpoint of a fine-tuned policy; give the digest that FinetunePolicy returned';
  throw new BitwrightError('invalid_argument', 'CHECKPOINT_FORMAT', message);
}
