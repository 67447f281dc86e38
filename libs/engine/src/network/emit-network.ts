import type { Network, NetworkNode } from '@bitwright/core';
import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { rectify } from '../operations/activation.js';
import { add, reshape, sumOf } from '../operations/arithmetic.js';
import { batchNormalization, type BatchNormalizationMode } from '../operations/batch-normalization.js';
import { convolution } from '../operations/convolution.js';
import { flatten, fullyConnected } from '../operations/fully-connected.js';
import type { OperationStep } from '../operations/operation-step.js';
import { globalAveragePool, pool } from '../operations/pooling.js';

/** What the emitted network is to do where it has a choice. */
export type EmissionOptions = {
  /** The parameter `<nodeId>.<role>` in TensorFlow's layout. */
  readonly parameter: (name: string) => GraphTensor;
  readonly batchNormalization: BatchNormalizationMode;
};

/** A network in a graph. `backward` adds the nodes that compute the gradient of every parameter, by its name. */
export type EmittedNetwork = {
  /** N x classes. */
  readonly logits: GraphTensor;
  /** Running statistics after this step, by parameter name; empty unless batch normalization trains. */
  readonly statistics: ReadonlyMap<string, GraphTensor>;
  readonly backward: (logitsGradient: GraphTensor) => ReadonlyMap<string, GraphTensor>;
};

type Step = OperationStep & { readonly node: NetworkNode };

/** Emits the forward pass of `network` on `input` (NHWC, float); the backward pass is emitted when asked for. */
export function emitNetwork(graph: GraphBuilder, network: Network, input: GraphTensor, options: EmissionOptions): EmittedNetwork {
  const outputs = new Map<string, GraphTensor>();
  const steps: Step[] = [];
  const statistics = new Map<string, GraphTensor>();
  for (const node of network.nodes) {
    if (node.operation.kind === 'input') {
      outputs.set(node.id, input);
      continue;
    }
    const inputs = node.inputs.map((id) => outputs.get(id) as GraphTensor);
    const step = emitNode(graph, node, inputs, options);
    outputs.set(node.id, step.output);
    steps.push({ ...step, node });
    for (const [role, value] of Object.entries(step.statistics ?? {})) statistics.set(`${node.id}.${role}`, value);
  }
  const last = network.nodes.at(-1) as NetworkNode;
  const logits = toMatrix(graph, outputs.get(last.id) as GraphTensor);
  return { logits: logits.output, statistics, backward: (gradient) => emitBackward(graph, network, steps, logits.back(gradient)) };
}

function emitNode(graph: GraphBuilder, node: NetworkNode, inputs: readonly GraphTensor[], options: EmissionOptions): OperationStep {
  const { operation, id } = node;
  const [input, other] = inputs as [GraphTensor, GraphTensor];
  const parameter = (role: string) => options.parameter(`${id}.${role}`);
  const optionalBias = (present: boolean) => (present ? parameter('bias') : undefined);
  switch (operation.kind) {
    case 'convolution': {
      const tensors = { input, weight: parameter('weight'), bias: optionalBias(operation.bias) };
      return convolution(graph, operation, node.output, tensors);
    }
    case 'fully-connected':
      return fullyConnected(graph, input, parameter('weight'), optionalBias(operation.bias));
    case 'batch-normalization': {
      const tensors = { scale: parameter('scale'), shift: parameter('shift'), mean: parameter('mean'), variance: parameter('variance') };
      return batchNormalization(graph, input, tensors, operation.epsilon, options.batchNormalization);
    }
    case 'relu':
    case 'relu6':
      return rectify(graph, operation.kind, input);
    case 'add':
      return { output: add(graph, input, other), backward: (gradient) => ({ inputs: [gradient, gradient], parameters: {} }) };
    case 'max-pool':
    case 'average-pool':
      return pool(graph, operation, input, node.output);
    case 'global-average-pool':
      return globalAveragePool(graph, input);
    case 'flatten':
      return flatten(graph, input);
    case 'input':
      throw new Error(`node ${id}: an input cannot follow other nodes`);
  }
}

function emitBackward(graph: GraphBuilder, network: Network, steps: readonly Step[], last: GraphTensor): ReadonlyMap<string, GraphTensor> {
  const wanted = nodesBehindParameters(network);
  const arriving = new Map<string, GraphTensor[]>([[network.nodes.at(-1)?.id as string, [last]]]);
  const gradients = new Map<string, GraphTensor>();
  for (const step of steps.toReversed()) {
    const parts = arriving.get(step.node.id);
    if (parts === undefined || !wanted.has(step.node.id)) continue;
    arriving.delete(step.node.id);
    const needsInput = step.node.inputs.some((id) => wanted.has(id));
    const { inputs, parameters } = step.backward(sumOf(graph, parts), needsInput);
    for (const [role, gradient] of Object.entries(parameters)) gradients.set(`${step.node.id}.${role}`, gradient);
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
