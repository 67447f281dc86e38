import type { LearnedLevels } from '@bitwright/quantizers';
import type { Feed, GraphBuilder, GraphTensor, Session, Variable } from '@bitwright/tensor';
import { compute, multiply } from '../operations/arithmetic.js';
import { type NearestLevel, nearestLevel } from '../operations/nearest-level.js';
import type { QuantizedTensor } from '../operations/quantize-activation.js';
import { channelShape } from './channel-shape.js';
import { averageBlocks, openGates } from './level-gates.js';
import { declareSlot, type Slot } from './slot.js';

/** Levels and gates of all tensors as variables of a graph, one row a tensor; what reads them is on each row's own scale. */
export interface LevelVariables {
  /** The tensors' keys, in the order of the rows. */
  readonly keys: readonly string[];
  /** q over the row's unit, `[tensors, 2^B]`, ascending. */
  readonly levels: Variable;
  readonly levelValues: GraphTensor;
  /** ĝ, `[tensors, B]`. */
  readonly scores: Variable;
  readonly scoreValues: GraphTensor;
  /** `[tensors, B]`: 1 where a gate is open. */
  readonly open: GraphTensor;
  /** Effective levels over the row's unit, `[tensors, 2^B]`, equal within a block. */
  readonly effective: GraphTensor;
  /** What the range of each row was at the start, `[tensors, 1]`: rows then learn at the same rate. */
  readonly units: GraphTensor;
  /** The sums of each tensor that went backward, see `NearestLevel`. */
  readonly sums: ReadonlyMap<string, GraphTensor>;
  /** The quantizer of a tensor; undefined where its levels are not learned. */
  readonly quantize: (key: string, tensor: GraphTensor) => QuantizedTensor | undefined;
  store(session: Session, learned: readonly LearnedLevels[]): void;
  load(session: Session): readonly LearnedLevels[];
  /** How many gates each tensor has open. */
  openBits(session: Session): readonly number[];
}

/** What is declared; `scales` of a weight's output channels, by its key: its levels are in units of them. */
export type LevelOptions = {
  readonly bits: number;
  /** So many gates of every tensor stay open. */
  readonly least: number;
  readonly scales: ReadonlyMap<string, Float32Array>;
};

/** Declares the variables. `bits` is B. */
export function declareLevels(
  graph: GraphBuilder,
  keys: readonly string[],
  { bits, least, scales }: LevelOptions,
): LevelVariables {
  const [tensors, size] = [keys.length, 2 ** bits];
  const slots = {
    levels: declareSlot(graph, 'float32', [tensors, size]),
    scores: declareSlot(graph, 'float32', [tensors, bits]),
    units: declareSlot(graph, 'float32', [tensors, 1]),
  };
  const open = openGates(graph, slots.scores.value, least);
  const effective = averageBlocks(graph, slots.levels.value, open);
  const rows = graph.operation('Unpack', {
    inputs: [multiply(graph, effective, slots.units.value)],
    attributes: { T: { type: 'float32' }, num: { int: tensors }, axis: { int: 0 } },
    outputs: keys.map(() => ({ shape: [size] })),
  });
  const sums = new Map<string, GraphTensor>();
  const quantize = (key: string, tensor: GraphTensor): QuantizedTensor | undefined => {
    const row = rows[keys.indexOf(key)];
    if (row === undefined) return undefined;
    const { output, backward } = nearestScaledLevel(graph, tensor, row, scales.get(key));
    return {
      output,
      learns: true,
      backward: (gradient) => {
        const back = backward(gradient);
        sums.set(key, back.sums);
        return { input: back.input, clip: undefined };
      },
    };
  };
  return {
    keys,
    levels: slots.levels.variable,
    levelValues: slots.levels.value,
    scores: slots.scores.variable,
    scoreValues: slots.scores.value,
    open,
    effective,
    units: slots.units.value,
    sums,
    quantize,
    store: (session, learned) => storeLevels(session, slots, learned),
    load: (session) => loadLevels(session, slots, bits),
    openBits: (session) => {
      const values = session.run([], [open])[0]?.values as Float32Array;
      return keys.map((_, row) => values.subarray(row * bits, (row + 1) * bits).reduce((sum, gate) => sum + gate, 0));
    },
  };
}

/** The nearest level in units of each output channel's scale; a weight of TensorFlow's layout ends in its channels. */
function nearestScaledLevel(
  graph: GraphBuilder,
  tensor: GraphTensor,
  levels: GraphTensor,
  scales: Float32Array | undefined,
): NearestLevel {
  if (scales === undefined) return nearestLevel(graph, tensor, levels);
  const scale = graph.constant(scales, channelShape(tensor.shape, scales.length));
  const over = (values: GraphTensor) => compute(graph, 'RealDiv', [values, scale]);
  const { output, backward } = nearestLevel(graph, over(tensor), levels);
  return {
    output: multiply(graph, output, scale),
    backward: (gradient) => {
      const { input, sums } = backward(multiply(graph, gradient, scale));
      return { input: over(input), sums };
    },
  };
}

type Slots = { readonly levels: Slot; readonly scores: Slot; readonly units: Slot };

function storeLevels(session: Session, slots: Slots, learned: readonly LearnedLevels[]): void {
  const units = learned.map(({ levels }) => (levels.at(-1) as number) - (levels[0] as number));
  const scaled = learned.flatMap(({ levels }, row) => Array.from(levels, (level) => level / (units[row] as number)));
  const feeds: Feed[] = [
    { target: slots.levels.feed, values: Float32Array.from(scaled) },
    { target: slots.scores.feed, values: Float32Array.from(learned.flatMap(({ scores }) => [...scores])) },
    { target: slots.units.feed, values: Float32Array.from(units) },
  ];
  session.run(feeds, [slots.levels.stored, slots.scores.stored, slots.units.stored]);
}

function loadLevels(session: Session, slots: Slots, bits: number): readonly LearnedLevels[] {
  const fetched = session.run([], [slots.levels.value, slots.scores.value, slots.units.value]);
  const [levels, scores, units] = fetched.map(({ values }) => values as Float32Array) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const size = 2 ** bits;
  return Array.from(units, (unit, row) => ({
    levels: levels.slice(row * size, (row + 1) * size).map((level) => level * unit),
    scores: scores.slice(row * bits, (row + 1) * bits),
  }));
}
