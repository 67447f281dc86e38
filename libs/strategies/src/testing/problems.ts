import {
  type CostTable,
  createPolicyPricer,
  createPrecisionSpace,
  type Layer,
  type LayerKind,
  type PinRule,
  resolveBudget,
  type SearchProblem,
  smallestPolicy,
  uniformPolicy,
  type WeightQuantizer,
} from '@bitwright/core';

const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];

/** Milliseconds of a layer at a pair of bits. */
export type LayerLatency = (layer: Layer, weightBits: number, activationBits: number) => number;

export type ProblemOptions = {
  readonly layers: readonly Layer[];
  readonly latency?: LayerLatency;
  /** Limits relative to 8 bit. */
  readonly latencyRatio?: number;
  readonly sizeRatio?: number;
  readonly weightBits?: readonly number[];
  readonly activationBits?: readonly number[];
  readonly pin?: PinRule;
  readonly weightQuantizer?: WeightQuantizer;
  readonly maxTrials?: number;
  readonly counted?: readonly boolean[];
};

/** A search problem over a made-up table. */
export function createProblem(options: ProblemOptions): SearchProblem {
  const { layers, weightBits = EIGHT, activationBits = EIGHT, pin = 'none', weightQuantizer = 'linear' } = options;
  const scheme = { weightQuantizer, granularity: 'per-channel' } as const;
  const space = createPrecisionSpace(layers, { ...scheme, weightBits, activationBits, pin });
  const table = createTable(layers, options.latency ?? bitSerialLatency, options.counted ?? layers.map(() => true));
  const cost = createPolicyPricer(layers, table);
  const budget = [
    ...(options.latencyRatio === undefined
      ? []
      : [{ metric: 'latency', limit: { kind: 'relative', ratio: options.latencyRatio } } as const]),
    ...(options.sizeRatio === undefined
      ? []
      : [{ metric: 'size', limit: { kind: 'relative', ratio: options.sizeRatio } } as const]),
  ];
  const reference = cost(uniformPolicy(layers.length, 8, activationBits.includes(32) ? 32 : 8, scheme));
  const fitting = smallestPolicy(space);
  const constraints = resolveBudget(budget, { reference, smallest: () => cost(fitting) });
  const prices = { cost, priceVersion: () => 0, constraints, fitting };
  return { layers, space, ...prices, floatAccuracy: 0.9, maxTrials: options.maxTrials ?? 40 };
}

/** Depthwise layers are bound by their activations, all others cost weight bits times activation bits. */
export const bitSerialLatency: LayerLatency = (layer, weightBits, activationBits) =>
  layer.kind === 'depthwise'
    ? layer.macs * (activationBits * 100 + weightBits)
    : layer.macs * weightBits * activationBits;

function createTable(layers: readonly Layer[], latency: LayerLatency, counted: readonly boolean[]): CostTable {
  const cell = (layer: Layer, weightBits: number, activationBits: number) => ({
    latencyMs: latency(layer, weightBits, activationBits),
    energyMj: undefined,
    trafficBytes: 0,
    bound: 'compute' as const,
    computeMs: 0,
    memoryMs: 0,
    overheadMs: 0,
    executedWeightBits: weightBits,
    executedActivationBits: activationBits,
  });
  const cells = layers.map((layer) =>
    EIGHT.map((weightBits) => EIGHT.map((activationBits) => cell(layer, weightBits, activationBits))),
  );
  return {
    hardware: 'made-up',
    batch: 1,
    weightBits: EIGHT,
    activationBits: EIGHT,
    counted,
    provenance: 'simulated',
    cells,
  };
}

/** A layer with the given kind and channels; a square kernel of 3 for depthwise and dense, 1 else. */
export function createLayer(index: number, kind: LayerKind, inChannels: number, outChannels: number, size = 8): Layer {
  const kernel = kind === 'pointwise' || kind === 'fully-connected' ? 1 : 3;
  const groups = kind === 'depthwise' ? inChannels : 1;
  const weights = (outChannels * inChannels * kernel * kernel) / groups;
  const pixels = kind === 'fully-connected' ? 1 : size;
  return {
    index,
    name: `layer${index}`,
    kind,
    inChannels,
    outChannels,
    kernelHeight: kernel,
    kernelWidth: kernel,
    stride: 1,
    groups,
    inputHeight: pixels,
    inputWidth: pixels,
    outputHeight: pixels,
    outputWidth: pixels,
    macs: weights * pixels * pixels,
    weights,
    inputElements: inChannels * pixels * pixels,
    outputElements: outChannels * pixels * pixels,
    inputTensor: `tensor${index}`,
    inputSigned: kind === 'pointwise' && index % 2 === 0,
  };
}

/** A small separable network: a stem, pairs of depthwise and pointwise layers, a classifier. */
export function separableLayers(blocks: number, channels = 16): readonly Layer[] {
  const layers = [createLayer(0, 'convolution', 3, channels)];
  for (let block = 0; block < blocks; block += 1) {
    layers.push(createLayer(layers.length, 'depthwise', channels, channels));
    layers.push(createLayer(layers.length, 'pointwise', channels, channels));
  }
  return [...layers, createLayer(layers.length, 'fully-connected', channels, 10)];
}
