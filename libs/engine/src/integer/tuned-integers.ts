import type { Model } from '@bitwright/core';
import {
  analyseTopology,
  type BitVariable,
  findHardwarePreset,
  type IntegerGraph,
  lowerToIntegers,
  searchSpace,
  type Thresholds,
  type WeightScales,
} from '@bitwright/hago';
import { hasByteCodes, type LayerQuantization } from '@bitwright/onnx';
import { codeRange } from '@bitwright/quantizers';

/** Codes that kernels take. */
const KERNEL_BITS = 8;
const HIGHEST_CODE = codeRange(KERNEL_BITS, true).highest;

type Linear = Extract<LayerQuantization['activation'], { readonly kind: 'linear' }>;

/**
 * Whether integer kernels can stand for every layer: on linear grids, weight and input, or both in float. One signed bit has
 * no code for zero, which kernels need.
 */
export function runInIntegers(layers: readonly LayerQuantization[]): boolean {
  return areIntegers(layers, ['linear']);
}

/** Whether there are layers with points, and no layer multiplies quantized values in float. */
export function multiplyIntegers(layers: readonly LayerQuantization[]): boolean {
  return layers.some(({ weight }) => weight.kind === 'multipoint') && areIntegers(layers, ['linear', 'multipoint']);
}

/** Whether some layers have weights of these kinds and inputs with codes, and all others are in float. */
function areIntegers(layers: readonly LayerQuantization[], kinds: readonly WeightKind[]): boolean {
  const quantized = layers.filter((layer) => !isFloat(layer));
  const isInteger = ({ weight, activation }: LayerQuantization) =>
    kinds.includes(weight.kind) && hasByteCodes(activation);
  return quantized.length > 0 && quantized.every(isInteger);
}

type WeightKind = LayerQuantization['weight']['kind'];

const isFloat = ({ weight, activation }: LayerQuantization) => weight.kind === 'float' && activation.kind === 'float';

/**
 * A fine-tuned network as ONNX Runtime's integer kernels run it. `model` has its batch normalization folded and its weights on
 * the grids that `layers` names, which they keep. A tensor that one layer alone reads has that layer's bits and scale; others,
 * say operands of an addition, have 8 bits up to `thresholds`, so that these tensors are more precise than the policy asks.
 */
export function tunedIntegers(
  model: Model,
  layers: readonly LayerQuantization[],
  thresholds: Thresholds,
): IntegerGraph {
  const inFloat = layers.filter(({ weight }) => weight.kind === 'float').map(({ node }) => node);
  const topology = analyseTopology(model.network, findHardwarePreset('onnxruntime-cpu'), new Set(inFloat));
  const space = searchSpace(topology);
  const grids = new Map(layers.map(({ node, activation }) => [node, activation]));
  const kept = new Map(thresholds);
  const bits = space.map((variable) => {
    const grid = gridOfReaders(variable, grids);
    if (grid === undefined) return KERNEL_BITS;
    for (const tensor of [variable.name, ...variable.edges.map(({ source }) => source)]) {
      kept.set(tensor, grid.scale * 2 ** (grid.signed ? grid.bits - 1 : grid.bits));
    }
    return grid.bits;
  });
  return lowerToIntegers(model, topology, space, bits, kept, weightScales(layers));
}

/** The grid on which all readers of a tensor want it; undefined where they do not agree, or some have none. */
function gridOfReaders(
  { edges }: BitVariable,
  grids: ReadonlyMap<string, LayerQuantization['activation']>,
): Linear | undefined {
  const wanted = edges.map(({ consumer, isWeight }) => (isWeight ? undefined : grids.get(consumer)));
  const [first] = wanted;
  if (first?.kind !== 'linear') return undefined;
  const agree = wanted.every(
    (grid) => grid?.kind === 'linear' && grid.bits === first.bits && grid.scale === first.scale,
  );
  return agree ? first : undefined;
}

/** Weights of few bits become codes as large as a byte holds, in steps as much smaller: biases are rounded to those. */
function weightScales(layers: readonly LayerQuantization[]): WeightScales {
  return new Map(
    layers.flatMap(({ node, weight }) => {
      if (weight.kind !== 'linear') return [];
      const factor = Math.floor(HIGHEST_CODE / codeRange(weight.bits, true).highest);
      return [[node, weight.scales.map((scale) => scale / factor)] as const];
    }),
  );
}
