import type { Layer, Network } from '@bitwright/core';
import { type LinearGrid, SMALLEST_SCALE } from '@bitwright/quantizers';
import type { Feed, GraphBuilder, GraphTensor, Session, Variable } from '@bitwright/tensor';
import type { LayerQuantization } from '../network/emit-layer.js';
import { nearestLevel } from '../operations/nearest-level.js';
import {
  type ActivationQuantizer,
  type QuantizedTensor,
  quantizeActivation,
  quantizeBinary,
} from '../operations/quantize-activation.js';
import { quantizeWeight, type WeightGrid } from '../operations/quantize-weight.js';
import { channelShape } from './channel-shape.js';
import { highestClip, type PlanStructure, type QuantizationPlan } from './plan.js';
import { declareSlot, type Slot } from './slot.js';

/** The numbers of a plan as variables of a graph: another policy of the same structure needs no other graph. */
export interface QuantizationVariables {
  readonly quantization: LayerQuantization;
  /** One clip threshold per layer. */
  readonly clips: Variable;
  readonly clipValues: GraphTensor;
  /** As the plan has them, whatever training makes of them. */
  readonly calibratedClips: GraphTensor;
  /** Highest threshold of each layer. */
  readonly clipLimits: readonly number[];
  store(session: Session, plan: QuantizationPlan): void;
}

export type QuantizationVariableOptions = {
  readonly structure: PlanStructure;
  readonly learnsClips: boolean;
  /** False where the weights come quantized already. */
  readonly quantizesWeights: boolean;
  /** Quantizers of tensors (`<layer>.weight`, `<layer>.input`) whose levels are being learned. */
  readonly learned?: ((key: string, tensor: GraphTensor) => QuantizedTensor | undefined) | undefined;
};

/** Declares the variables and gives the quantizers to emit the network with. */
export function declareQuantization(
  graph: GraphBuilder,
  network: Network,
  layers: readonly Layer[],
  options: QuantizationVariableOptions,
): QuantizationVariables {
  const count = [layers.length];
  const bits = declareSlot(graph, 'int32', count);
  const clips = declareSlot(graph, 'float32', count);
  const calibrated = declareSlot(graph, 'float32', count);
  const levels = declareSlot(graph, 'float32', [layers.length, 5]);
  const [bitScalars, clipScalars] = [unpack(graph, bits.value), unpack(graph, clips.value)];
  const levelRows = unpack(graph, levels.value);
  const scales = new Map<string, Slot>();
  const tables = new Map<string, Slot>();
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const at = (name: string) => byName.get(name) as Layer;
  const { structure } = options;
  const inputQuantizer = (name: string): ActivationQuantizer | undefined => {
    const layer = byName.get(name);
    if (layer === undefined || structure.activations[layer.index] !== 'linear') return undefined;
    const { index, inputSigned: signed, inputTensor } = layer;
    // The range of the network's own input is known; learning it would only follow noise.
    const learnsClip = options.learnsClips && inputTensor !== network.nodes[0]?.id;
    return { bits: bitScalars[index] as GraphTensor, clip: clipScalars[index] as GraphTensor, signed, learnsClip };
  };
  const quantization: LayerQuantization = {
    inputQuantizer,
    input: (name, tensor) => {
      const { index } = at(name);
      const learned = options.learned?.(`${name}.input`, tensor);
      if (learned !== undefined) return learned;
      if (structure.activations[index] === 'levels') {
        const table = declareSlot(graph, 'float32', [TABLE_SIZE]);
        tables.set(name, table);
        return lookUp(graph, tensor, table.value);
      }
      if (structure.activations[index] === 'binary')
        return quantizeBinary(graph, tensor, clipScalars[index] as GraphTensor);
      const quantizer = inputQuantizer(name);
      return quantizer && quantizeActivation(graph, tensor, quantizer);
    },
    weight: (name, tensor) => {
      const { index, outChannels } = at(name);
      const learned = options.learned?.(`${name}.weight`, tensor);
      if (learned !== undefined) return learned;
      if (!options.quantizesWeights || structure.weights[index] !== 'linear') return undefined;
      const scale = declareSlot(graph, 'float32', channelShape(tensor.shape, outChannels));
      scales.set(name, scale);
      return quantizeWeight(
        graph,
        tensor,
        toGrid(graph, scale.value, levelRows[index] as GraphTensor, structure.binaryWeights),
      );
    },
  };
  const store = (session: Session, plan: QuantizationPlan) =>
    storePlan(session, plan, { bits, clips, calibrated, levels, scales, tables });
  const clipLimits = layers.map((layer) => highestClip(network, layer));
  return {
    quantization,
    clips: clips.variable,
    clipValues: clips.value,
    calibratedClips: calibrated.value,
    clipLimits,
    store,
  };
}

/** Slices a tensor along its first axis. */
function unpack(graph: GraphBuilder, tensor: GraphTensor): readonly GraphTensor[] {
  const [count = 0, ...shape] = tensor.shape;
  const attributes = { T: { type: tensor.dtype }, num: { int: count }, axis: { int: 0 } } as const;
  const outputs = Array.from({ length: count }, () => ({ dtype: tensor.dtype, shape }));
  return graph.operation('Unpack', { inputs: [tensor], attributes, outputs });
}

function toGrid(graph: GraphBuilder, scale: GraphTensor, levels: GraphTensor, binaryWeights: boolean): WeightGrid {
  const [lowest, highest, offset, passFrom, passTo] = unpack(graph, levels) as [GraphTensor, ...GraphTensor[]];
  const scalars = { lowest, highest, passFrom, passTo } as Omit<WeightGrid, 'scale' | 'offset'>;
  return { scale, offset: binaryWeights ? offset : undefined, ...scalars };
}

type Slots = {
  readonly bits: Slot;
  readonly clips: Slot;
  readonly calibrated: Slot;
  readonly levels: Slot;
  readonly scales: ReadonlyMap<string, Slot>;
  readonly tables: ReadonlyMap<string, Slot>;
};

/** Places for levels: those of 8 bits. */
const TABLE_SIZE = 256;

/** Levels that stay as they are. */
function lookUp(graph: GraphBuilder, tensor: GraphTensor, levels: GraphTensor): QuantizedTensor {
  const { output, backward } = nearestLevel(graph, tensor, levels);
  return {
    output,
    learns: false,
    backward: (gradient) => ({ input: backward(gradient).input, clip: undefined }),
  };
}

/** The levels, the last one repeated to the table's end. */
function toTable(levels: Float32Array): Float32Array {
  return Float32Array.from({ length: TABLE_SIZE }, (_, place) => levels[Math.min(place, levels.length - 1)] as number);
}

function storePlan(session: Session, plan: QuantizationPlan, slots: Slots): void {
  const { bits, clips, calibrated, levels, scales, tables } = slots;
  const activation = plan.map((entry) =>
    entry.activation.kind === 'linear' ? entry.activation : { bits: 8, clip: 1 },
  );
  const thresholds = Float32Array.from(activation, (entry) => Math.max(entry.clip, SMALLEST_CLIP));
  const feeds: Feed[] = [
    { target: bits.feed, values: Int32Array.from(activation, (entry) => entry.bits) },
    { target: clips.feed, values: thresholds },
    { target: calibrated.feed, values: thresholds },
    { target: levels.feed, values: Float32Array.from(plan.flatMap(weightLevels)) },
  ];
  const stored = [bits.stored, clips.stored, calibrated.stored, levels.stored];
  for (const { layer, weight, activation: entry } of plan) {
    const table = tables.get(layer.name);
    if (table !== undefined && entry.kind === 'levels') {
      feeds.push({ target: table.feed, values: toTable(entry.levels) });
      stored.push(table.stored);
    }
    const scale = scales.get(layer.name);
    if (scale === undefined || weight.kind !== 'linear') continue;
    feeds.push({ target: scale.feed, values: gridScales(weight.grids, layer.outChannels) });
    stored.push(scale.stored);
  }
  session.run(feeds, stored);
}

/** Keeps the range of a layer that never saw anything but zeros from being empty. */
const SMALLEST_CLIP = 1e-6;

/** Passes everything: beyond any weight over its scale. */
const NO_LIMIT = 3e38;

/** Lowest, highest, offset, and where the gradient passes; see {@link WeightGrid}. */
function weightLevels({ weight }: QuantizationPlan[number]): readonly number[] {
  const grid = weight.kind === 'linear' ? weight.grids[0] : undefined;
  if (grid === undefined) return [-1, 1, 0, -1, 1];
  const { lowest, highest, binary } = grid;
  return binary ? [-1, 0, 0.5, -NO_LIMIT, NO_LIMIT] : [lowest, highest, 0, lowest, highest];
}

/** Binary values lie half a step from zero, so their step is twice the distance. */
function gridScales(grids: readonly LinearGrid[], channels: number): Float32Array {
  return Float32Array.from({ length: channels }, (_, channel) => {
    const grid = (grids[channel] ?? grids[0]) as LinearGrid;
    return Math.max(grid.binary ? 2 * grid.scale : grid.scale, SMALLEST_SCALE);
  });
}
