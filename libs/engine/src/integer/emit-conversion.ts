import type { CodeRange, Conversion, IntegerGraph } from '@bitwright/hago';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { calculate, cast } from '../operations/arithmetic.js';
import type { GraphFeeds } from './graph-feeds.js';
import { type Bounds, containerOf, roundBetween } from './integer-operations.js';

/** Finds the same conversion in another graph of the same structure. */
export type FindConversion = (graph: IntegerGraph) => Conversion;

/** One value, or one for each channel, spread over the last axis. */
const channelShape = (count: number) => (count === 1 ? [] : [count]);

/** What a reader gets: codes in a float container, or floats. */
export function emitConversion(
  graph: GraphBuilder,
  feeds: GraphFeeds,
  tensor: GraphTensor,
  conversion: Conversion,
  find: FindConversion,
): GraphTensor {
  switch (conversion.kind) {
    case 'none':
      return tensor;
    case 'quantize': {
      const scale = feeds.tensor('float32', [], (other) => Float32Array.from(of(find(other), 'quantize').to.scales));
      const steps = calculate(graph, 'RealDiv', [cast(graph, tensor, 'float32'), scale]);
      const bounds = emitBounds(feeds, (other) => of(find(other), 'quantize').range);
      return cast(graph, roundBetween(graph, steps, bounds), containerOf(conversion.to.type));
    }
    case 'requantize': {
      const shape = channelShape(conversion.multipliers.length);
      const multipliers = feeds.tensor('float32', shape, (other) => of(find(other), 'requantize').multipliers);
      const wide = cast(graph, tensor, 'float64');
      const steps = calculate(graph, 'Mul', [wide, cast(graph, multipliers, 'float64')]);
      const bounds = emitBounds(feeds, (other) => of(find(other), 'requantize').range);
      return cast(graph, roundBetween(graph, steps, bounds), containerOf(conversion.to.type));
    }
    case 'dequantize': {
      const shape = channelShape(conversion.from.scales.length);
      const scales = feeds.tensor('float32', shape, (other) =>
        Float32Array.from(of(find(other), 'dequantize').from.scales),
      );
      return calculate(graph, 'Mul', [cast(graph, tensor, 'float32'), scales]);
    }
  }
}

/** Limits of codes; whole numbers are fed as such because float32 does not hold those of 32 bits. */
export function emitBounds(feeds: GraphFeeds, read: (graph: IntegerGraph) => CodeRange): Bounds {
  const bound = (of: (range: CodeRange) => number) =>
    feeds.tensor('int32', [], (other) => Int32Array.of(of(read(other))));
  return { lowest: bound(({ lowest }) => lowest), highest: bound(({ highest }) => highest) };
}

function of<Kind extends Conversion['kind']>(conversion: Conversion, kind: Kind): Extract<Conversion, { kind: Kind }> {
  if (conversion.kind !== kind) throw new Error(`a ${conversion.kind} stands where the session has a ${kind}`);
  return conversion as Extract<Conversion, { kind: Kind }>;
}
