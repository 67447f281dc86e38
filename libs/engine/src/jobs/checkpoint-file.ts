import { Buffer } from 'node:buffer';
import { BitwrightError, deriveLayers, type Layer, type Model, type Parameters } from '@bitwright/core';
import { exportOnnx, importOnnx } from '@bitwright/onnx';
import { assignToNearest } from '@bitwright/quantizers';
import type { ActivationPlan, LayerPlan, QuantizationPlan, WeightPlan } from '../quantization/plan.js';
import { isStoredLayer } from './stored-layer.js';

/** Metadata key under which a checkpoint keeps how it is quantized. */
const PLAN_KEY = 'bitwright.quantization';

/** A layer's quantizers without what the parameters tell already: the layer, and which weight is in which cluster. */
type StoredWeight =
  | Exclude<WeightPlan, { kind: 'k-means' | 'levels' | 'multipoint' }>
  | { readonly kind: 'k-means'; readonly centroids: readonly number[] }
  | {
      readonly kind: 'multipoint';
      readonly bits: number;
      readonly counts: readonly number[];
      readonly coefficients: readonly number[];
      /** A byte each, in base64. */
      readonly codes: string;
    };
/** JSON has no arrays of single precision; the numbers come back exactly. */
type StoredLevels = { readonly kind: 'levels'; readonly levels: readonly number[] };
type StoredActivation = Exclude<ActivationPlan, { kind: 'levels' }> | StoredLevels;
type StoredScaledLevels = StoredLevels & { readonly scales: readonly number[] };
type StoredLayer = { readonly weight: StoredWeight | StoredScaledLevels; readonly activation: StoredActivation };

/** A fine-tuned network: parameters before quantization, and how they are quantized. */
export type TunedModel = { readonly model: Model; readonly plan: QuantizationPlan };

/** Writes a fine-tuned network as a float ONNX file that carries its quantizers in its metadata. */
export function writeCheckpointFile({ model, plan }: TunedModel): Uint8Array {
  const stored = plan.map(({ weight, activation }): StoredLayer => {
    return { weight: toStoredWeight(weight), activation: toStoredActivation(activation) };
  });
  return exportOnnx(model, { metadata: { [PLAN_KEY]: JSON.stringify(stored) } });
}

/** Reads what {@link writeCheckpointFile} wrote. Throws `invalid_argument` for any other ONNX file. */
export function readCheckpointFile(bytes: Uint8Array): TunedModel {
  const { model, metadata } = importOnnx(bytes);
  const layers = deriveLayers(model.network);
  const stored = parsePlan(metadata[PLAN_KEY], layers.length);
  const plan = layers.map((layer, index): LayerPlan => {
    const { weight, activation } = stored[index] as StoredLayer;
    return {
      layer,
      weight: fromStoredWeight(weight, layer, model.parameters),
      activation: fromStoredActivation(activation),
    };
  });
  return { model, plan };
}

function toStoredActivation(activation: ActivationPlan): StoredActivation {
  return activation.kind === 'levels' ? toStoredLevels(activation) : activation;
}

function fromStoredActivation(activation: StoredActivation): ActivationPlan {
  return activation.kind === 'levels' ? fromStoredLevels(activation) : activation;
}

const toStoredLevels = ({ levels }: { readonly levels: Float32Array }): StoredLevels => ({
  kind: 'levels',
  levels: [...levels],
});

const fromStoredLevels = ({ levels }: StoredLevels) => ({ kind: 'levels', levels: Float32Array.from(levels) }) as const;

function toStoredWeight(weight: WeightPlan): StoredLayer['weight'] {
  switch (weight.kind) {
    case 'levels':
      return { ...toStoredLevels(weight), scales: [...weight.scales] };
    case 'k-means':
      return { kind: 'k-means', centroids: [...weight.codebook.centroids] };
    case 'multipoint': {
      const { bits, counts, coefficients, codes } = weight.multipoint;
      const text = Buffer.from(codes.buffer, codes.byteOffset, codes.byteLength).toString('base64');
      return { kind: 'multipoint', bits, counts: [...counts], coefficients: [...coefficients], codes: text };
    }
    case 'float':
    case 'linear':
      return weight;
  }
}

/** After fine-tuning every weight is a centroid, so the nearest one is its own; some may have passed their neighbours. */
function fromStoredWeight(weight: StoredLayer['weight'], layer: Layer, parameters: Parameters): WeightPlan {
  switch (weight.kind) {
    case 'levels':
      return { ...fromStoredLevels(weight), scales: Float32Array.from(weight.scales) };
    case 'k-means': {
      const centroids = Float32Array.from(weight.centroids).sort();
      const values = parameters.get(`${layer.name}.weight`)?.values ?? new Float32Array();
      return { kind: 'k-means', codebook: { centroids, assignments: assignToNearest(values, centroids) } };
    }
    case 'multipoint': {
      const { bits } = weight;
      const codes = new Int8Array(Buffer.from(weight.codes, 'base64'));
      const counts = Uint8Array.from(weight.counts);
      const coefficients = Float32Array.from(weight.coefficients);
      return { kind: 'multipoint', multipoint: { bits, counts, codes, coefficients } };
    }
    case 'float':
    case 'linear':
      return weight;
  }
}

function parsePlan(text: string | undefined, layerCount: number): readonly StoredLayer[] {
  const stored = parseJson(text);
  if (Array.isArray(stored) && stored.length === layerCount && stored.every(isStoredLayer))
    return stored as StoredLayer[];
  const message = 'the artifact is no checkpoint of a fine-tuned policy; give the digest that FinetunePolicy returned';
  throw new BitwrightError('invalid_argument', 'CHECKPOINT_FORMAT', message);
}

function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
