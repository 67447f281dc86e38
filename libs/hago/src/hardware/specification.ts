import type { ElementType } from '../element-type.js';

/** What kernels there are for, by name: the core's operations, told apart where hardware tells them apart. */
export const OPERATORS = [
  'convolution',
  'depthwise-convolution',
  'grouped-convolution',
  'fully-connected',
  'add',
  'vector-add',
  'concatenate',
  'relu',
  'clip',
  'max-pool',
  'average-pool',
  'global-average-pool',
  'flatten',
  'batch-normalization',
] as const;
export type Operator = (typeof OPERATORS)[number];

/** One kernel: what it reads, one type for all operands or one for each, and what it gives. */
export type OperatorDescriptor = {
  readonly inputs: readonly [ElementType, ...ElementType[]];
  readonly output: ElementType;
};

/**
 * Where integers are requantized. `edge`: wherever a tensor is read, as HAGO has it, so that each reader may ask for bits of
 * its own. `kernel`: by the kernel that gives the tensor, together with the rectifier behind it; then a tensor has one
 * scale for all its readers.
 */
export type Requantization = 'edge' | 'kernel';

/** What a backend can run: for each operator its kernels, the cheapest first. An operator that is missing has none. */
export type HardwareSpecification = {
  readonly name: string;
  readonly description: string;
  readonly requantization: Requantization;
  /** Whether tensors that cannot be negative use all codes, 0..2^b - 1, in place of the upper half of ±(2^(b-1) - 1). */
  readonly unsignedCodes: boolean;
  readonly operators: Readonly<Partial<Record<Operator, readonly OperatorDescriptor[]>>>;
};

/** A kernel without floats anywhere. */
export const isIntegerDescriptor = ({ inputs, output }: OperatorDescriptor) =>
  output !== 'float32' && !inputs.includes('float32');

/** A kernel without integers anywhere. */
export const isFloatDescriptor = ({ inputs, output }: OperatorDescriptor) =>
  output === 'float32' && inputs.every((type) => type === 'float32');

/** The type of one operand. */
export function operandType({ inputs }: OperatorDescriptor, operand: number): ElementType {
  return inputs[inputs.length === 1 ? 0 : operand] as ElementType;
}
