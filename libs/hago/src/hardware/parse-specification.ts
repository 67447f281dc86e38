import { invalidFields } from '@bitwright/core';
import { choice, explainIssues, readDocument, section } from '@bitwright/yaml-document';
import { z } from 'zod';
import { ELEMENT_TYPES } from '../element-type.js';
import {
  type HardwareSpecification,
  isFloatDescriptor,
  isIntegerDescriptor,
  OPERATORS,
  type Operator,
  type OperatorDescriptor,
} from './specification.js';

const KIND = { noun: 'specification', reason: 'SPECIFICATION', firstLine: 'name: my-npu' };

const NAME = 'use lower-case words with dashes, at most 60 characters, for example my-npu';
const INPUTS = `use one of ${ELEMENT_TYPES.join(', ')}, or a list of them, one for each operand`;
const KERNELS = 'list kernels as { inputs: int8, output: int32 }, from the cheapest, at most 20';
const elementType = choice(ELEMENT_TYPES);

const inputs = z
  .union([elementType.transform((type) => [type]), z.array(elementType).min(1, INPUTS).max(8, INPUTS)], INPUTS)
  .transform((types) => types as OperatorDescriptor['inputs'] & typeof types);

/** Operators that can be executed in integers. */
const LAYERS: readonly Operator[] = ['convolution', 'depthwise-convolution', 'grouped-convolution', 'fully-connected'];
const WITHOUT_INTEGERS: readonly Operator[] = ['average-pool', 'batch-normalization', 'vector-add', 'concatenate'];

/** Operators that give the codes that they read, or some of them. */
const KEEPS_CODES: readonly Operator[] = ['relu', 'clip', 'max-pool', 'flatten'];

/** Operators that add up. */
const SUMS: readonly Operator[] = [...LAYERS, 'add', 'global-average-pool'];

/** Operators whose edges have bits of their own; others share those of what they read. */
const HAS_OWN_BITS: readonly Operator[] = [...SUMS, 'max-pool'];

const readsBytes = ({ inputs }: OperatorDescriptor) => inputs.every((type) => type === 'int8');

function describeWrong(operator: Operator, descriptor: OperatorDescriptor): string | undefined {
  if (isFloatDescriptor(descriptor)) return undefined;
  if (!isIntegerDescriptor(descriptor)) return 'use integers only or float32 only';
  if (WITHOUT_INTEGERS.includes(operator)) return 'use float32: Bitwright has no integers for it';
  if (LAYERS.includes(operator) && !readsBytes(descriptor)) return 'use int8 for inputs: layers multiply bytes';
  const keepsType = descriptor.inputs.every((type) => type === descriptor.output);
  if (KEEPS_CODES.includes(operator) && !keepsType) {
    return `use one type for inputs and output: ${operator} gives codes as it reads them`;
  }
  return undefined;
}

function kernelsOf(operator: Operator) {
  const kernel = section({ inputs, output: elementType }).superRefine((descriptor, context) => {
    const message = describeWrong(operator, descriptor);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  return z.array(kernel, KERNELS).min(1, KERNELS).max(20, KERNELS).optional();
}

const operators = Object.fromEntries(OPERATORS.map((name) => [name, kernelsOf(name)])) as Record<
  Operator,
  ReturnType<typeof kernelsOf>
>;

const TRUTH = 'use true or false';

const schema = section({
  name: z
    .string(NAME)
    .max(60, NAME)
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, NAME),
  description: z.string('use text').max(500, 'use at most 500 characters').default('hardware that a file describes'),
  requantization: choice(['edge', 'kernel']).default('edge'),
  unsignedCodes: z.boolean(TRUTH).default(false),
  operators: section(operators),
}).superRefine(({ requantization, unsignedCodes, operators: listed }, context) => {
  if (requantization === 'edge') {
    const message = 'use false: only kernels that requantize have unsigned bytes';
    if (unsignedCodes) context.addIssue({ code: 'custom', path: ['unsignedCodes'], message });
    return;
  }
  const refuse = (path: readonly (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path: ['operators', ...path], message });
  for (const operator of OPERATORS) {
    for (const [index, kernel] of (listed[operator] ?? []).entries()) {
      if (isFloatDescriptor(kernel)) continue;
      if (HAS_OWN_BITS.includes(operator) && !readsBytes(kernel))
        refuse([operator, index, 'inputs'], 'use int8: a kernel that requantizes reads bytes');
      if (SUMS.includes(operator) && kernel.output !== 'int32')
        refuse([operator, index, 'output'], 'use int32: a kernel that requantizes keeps its sums in 32 bits');
    }
  }
});

/**
 * The specification in a text, YAML or JSON; docs/strategies/hago.md describes it. Throws one `invalid_argument`
 * `SPECIFICATION` that names every field that cannot be used; `sourceName` is what the reader calls the file.
 */
export function parseHardwareSpecification(text: string, sourceName: string): HardwareSpecification {
  const document = readDocument(text, sourceName, KIND);
  const { success, data, error } = schema.safeParse(document);
  if (!success) throw invalidFields(explainIssues(error.issues, document, sourceName), KIND.reason);
  const listed = Object.entries(data.operators).filter(([, kernels]) => kernels !== undefined);
  return { ...data, operators: Object.fromEntries(listed) as HardwareSpecification['operators'] };
}
