import type { GraphBuilder, GraphTensor } from '@bitwright/tensor';
import { compute } from './arithmetic.js';
import { type OperationStep, onlyInput } from './operation-step.js';

/** ReLU, or ReLU6 (clipped to 0..6). The gradient passes where the output is inside (0, 6). */
export function rectify(graph: GraphBuilder, kind: 'relu' | 'relu6', input: GraphTensor): OperationStep {
  const names = { relu: ['Relu', 'ReluGrad'], relu6: ['Relu6', 'Relu6Grad'] } as const;
  const [forward, backward] = names[kind];
  const output = compute(graph, forward, [input]);
  return { output, backward: (gradient) => onlyInput(compute(graph, backward, [gradient, output])) };
}
