export { tensorflowVersion } from './binding.js';
export type { DataType, TensorValues } from './data-type.js';
export {
  type Attribute,
  GraphBuilder,
  type GraphTensor,
  type OperationOptions,
  type OutputType,
  type Variable,
} from './graph.js';
export { startQuietly } from './quiet-start.js';
export { createSession, type Feed, type Fetched, type Session } from './session.js';
