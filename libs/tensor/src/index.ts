export { tensorflowVersion } from './binding.js';
export { type DataType, type TensorValues } from './data-type.js';
export { type Attribute, GraphBuilder, type GraphTensor, type OperationOptions, type OutputType, type Variable } from './graph.js';
export { createSession, type Feed, type Fetched, type Session } from './session.js';
