import type { Network, NetworkNode, Operation } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { rectify } from '../operations/activation.js';
import { add, reshape, sumOf } from '../operations/arithmetic.js';
import {
  type BatchNormalizationMode,
  type BatchNormalizationParameters,
  frozenNormalization,
  trainedNormalization,
} from '../operations/batch-normalization.js';
import { flatten } from '../operations/fully-connected.js';
import { nameRoles, type OperationStep, onlyInput } from '../operations/operation-step.js';
import { globalAveragePool, pool } from '../operations/pooling.js';
import { emitLayer, type LayerOptions, type LayerQuantization } from './emit-layer.js';
import { foldablePairs } from './fold-batch-normalization.js';
import { type NormalizationFusion, normalizationFusions } from './fuse-normalization.js';

/**
 * What the emitted network is to do where it has a choice. `folded` is `frozen` with the normalization applied to the
 * weights of the layer before it, which needs no pass over the activations.
 */
export type EmissionOptions = {
  /** The parameter `<nodeId>.<role>` in TensorFlow's layout. */
  readonly parameter: (name: string) => GraphTensor;
  readonly batchNormalization: BatchNormalizationMode | { readonly kind: 'folded' };
  readonly quantization?: LayerQuantization | undefined;
  /** Rectifiers to leave out because the quantizer behind them rectifies too. */
  readonly absorbed?: ReadonlySet<string> | undefined;
};

/** A network in a graph. `backward` adds the nodes that compute the gradient of every parameter, by its name. */
export type EmittedNetwork = {
  /** N x classes. */
  readonly logits: GraphTensor;
  /** What each node gives, by its id. */
  readonly outputs: ReadonlyMap<string, GraphTensor>;
  /** Running statistics after this step, by parameter name; empty unless batch normalization trains. */
  readonly statistics: ReadonlyMap<string, GraphTensor>;
  readonly backward: (logitsGradient: GraphTensor) => ReadonlyMap<string, GraphTensor>;
};

type BatchNormalization = Extract<Operation, { kind: 'batch-normalization' }>;

/** Its parameters and statistics have full names, `<nodeId>.<role>`. */
type Step = OperationStep & { readonly node: NetworkNode };

/** Normalizations that became part of another node, and what became part of theirs. */
type Merged = {
  /** By the layer they are folded into. */
  readonly folded: ReadonlyMap<string, NetworkNode>;
  readonly fusions: readonly NormalizationFusion[];
};

/** Emits the forward pass of `network` on `input` (NHWC, float); the backward pass is emitted when asked for. */
export function emitNetwork(
  graph: GraphBuilder,
  network: Network,
  input: GraphTensor,
  options: EmissionOptions,
): EmittedNetwork {
  const folded = options.batchNormalization.kind === 'folded' ? foldablePairs(network) : new Map<string, NetworkNode>();
  const merged: Merged = { folded, fusions: normalizationFusions(graph, network, options) };
  const skipped = new Set([...(options.absorbed ?? []), ...mergedNodes(merged)]);
  const outputs = new Map<string, GraphTensor>();
  const steps: Step[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((id) => outputs.get(id) as GraphTensor);
    if (node.operation.kind === 'input') {
      outputs.set(node.id, input);
      continue;
    }
    const first = inputs[0] as GraphTensor;
    const step = skipped.has(node.id)
      ? { output: first, backward: onlyInput }
      : emitNode(graph, node, inputs, options, merged);
    outputs.set(node.id, step.output);
    steps.push({ ...step, node });
  }
  const last = network.nodes.at(-1) as NetworkNode;
  const logits = toMatrix(graph, outputs.get(last.id) as GraphTensor);
  const backward = (gradient: GraphTensor) => emitBackward(graph, network, steps, logits.back(gradient));
  return { logits: logits.output, outputs, statistics: collectStatistics(steps), backward };
}

/** The nodes that need nothing of their own any more. */
function mergedNodes({ folded, fusions }: Merged): readonly string[] {
  const rectifiers = fusions.flatMap(({ rectifier }) => rectifier ?? []);
  const moved = fusions.flatMap(({ normalization, into }) => (into === undefined ? [] : normalization.id));
  return [...[...folded.values()].map(({ id }) => id), ...rectifiers, ...moved];
}

function emitNode(
  graph: GraphBuilder,
  node: NetworkNode,
  inputs: readonly GraphTensor[],
  options: EmissionOptions,
  { folded, fusions }: Merged,
): OperationStep {
  const { operation } = node;
  const [input, other] = inputs as [GraphTensor, GraphTensor];
  switch (operation.kind) {
    case 'convolution':
    case 'fully-connected':
      return emitLayer(graph, node, input, {
        ...options,
        folded: folded.get(node.id),
        inputIsQuantized: fusions.some(({ quantized }) => quantized === node.id),
        normalization: inputNormalization(
          fusions.find(({ into }) => into === node.id),
          options,
        ),
      });
    case 'batch-normalization':
      return emitNormalization(
        graph,
        node,
        input,
        options,
        fusions.find(({ normalization }) => normalization === node),
      );
    case 'relu':
    case 'relu6':
      return rectify(graph, operation.kind, input);
    case 'add':
      return {
        output: add(graph, input, other),
        backward: (gradient) => ({ inputs: [gradient, gradient], parameters: {} }),
      };
    case 'max-pool':
    case 'average-pool':
      return pool(graph, operation, input, node.output);
    case 'global-average-pool':
      return globalAveragePool(graph, input);
    case 'flatten':
      return flatten(graph, input);
    case 'input':
      throw new Error(`node ${node.id}: an input cannot follow other nodes`);
  }
}

function emitNormalization(
  graph: GraphBuilder,
  node: NetworkNode,
  input: GraphTensor,
  options: EmissionOptions,
  fusion: NormalizationFusion | undefined,
): OperationStep {
  const { epsilon } = node.operation as BatchNormalization;
  const parameters = normalizationParameters(node.id, options);
  const { batchNormalization: asked } = options;
  const step =
    asked.kind === 'training'
      ? trainedNormalization(graph, input, parameters, { epsilon, momentum: asked.momentum }, fusion?.range)
      : frozenNormalization(graph, input, parameters, epsilon);
  return nameRoles(step, (role) => (role === 'clip' ? (fusion?.quantized as string) : node.id));
}

/** The normalization that a layer does itself. */
function inputNormalization(
  fusion: NormalizationFusion | undefined,
  options: EmissionOptions,
): LayerOptions['normalization'] {
  if (fusion === undefined || options.batchNormalization.kind !== 'training') return undefined;
  const { id, operation } = fusion.normalization;
  const { epsilon } = operation as BatchNormalization;
  const { momentum } = options.batchNormalization;
  return { id, epsilon, momentum, range: fusion.range, parameters: normalizationParameters(id, options) };
}

function normalizationParameters(id: string, { parameter }: EmissionOptions): BatchNormalizationParameters {
  const role = (name: string) => parameter(`${id}.${name}`);
  return { scale: role('scale'), shift: role('shift'), mean: role('mean'), variance: role('variance') };
}

function collectStatistics(steps: readonly Step[]): ReadonlyMap<string, GraphTensor> {
  return new Map(steps.flatMap(({ statistics }) => Object.entries(statistics ?? {})));
}

function emitBackward(
  graph: GraphBuilder,
  network: Network,
  steps: readonly Step[],
  last: GraphTensor,
): ReadonlyMap<string, GraphTensor> {
  const wanted = nodesBehindParameters(network);
  const arriving = new Map<string, GraphTensor[]>([[network.nodes.at(-1)?.id as string, [last]]]);
  const gradients = new Map<string, GraphTensor>();
  for (const step of steps.toReversed()) {
    const parts = arriving.get(step.node.id);
    if (parts === undefined || !wanted.has(step.node.id)) continue;
    arriving.delete(step.node.id);
    const needsInput = step.node.inputs.some((id) => wanted.has(id));
    const { inputs, parameters } = step.backward(sumOf(graph, parts), needsInput);
    for (const [name, gradient] of Object.entries(parameters)) gradients.set(name, gradient);
    step.node.inputs.forEach((id, index) => {
      const gradient = inputs[index];
      if (gradient !== undefined) arriving.set(id, [...(arriving.get(id) ?? []), gradient]);
    });
  }
  return gradients;
}

/** Nodes that have parameters or come after such a node: only through them must a gradient go. */
function nodesBehindParameters(network: Network): ReadonlySet<string> {
  const behind = new Set<string>();
  for (const { id, operation, inputs } of network.nodes) {
    const own = ['convolution', 'fully-connected', 'batch-normalization'].includes(operation.kind);
    if (own || inputs.some((input) => behind.has(input))) behind.add(id);
  }
  return behind;
}

/** N x 1 x 1 x classes as a matrix, and a gradient of the matrix back. */
function toMatrix(graph: GraphBuilder, tensor: GraphTensor) {
  const [batch = 1, , , classes = 1] = tensor.shape;
  return {
    output: reshape(graph, tensor, [batch, classes]),
    back: (gradient: GraphTensor) => reshape(graph, gradient, [batch, 1, 1, classes]),
  };
}
