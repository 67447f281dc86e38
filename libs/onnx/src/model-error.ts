import { BitwrightError } from '@bitwright/core';

/**
 * Why a model file is refused (`invalid_argument`):
 * `MODEL_CORRUPT` not a complete ONNX file; `MODEL_TOO_LARGE` beyond the limits; `MODEL_EXTERNAL_DATA` weights lie in
 * other files; `MODEL_OPSET` operator set too old or new; `MODEL_UNSUPPORTED` an operator or setting that Bitwright
 * does not know, with the node's name; `MODEL_GRAPH` inputs, outputs or shapes that do not fit together;
 * `MODEL_NOT_FINITE` NaN or infinite weights, with the tensor's name.
 */
export type ModelErrorReason =
  | 'MODEL_CORRUPT'
  | 'MODEL_TOO_LARGE'
  | 'MODEL_EXTERNAL_DATA'
  | 'MODEL_OPSET'
  | 'MODEL_UNSUPPORTED'
  | 'MODEL_GRAPH'
  | 'MODEL_NOT_FINITE';

/** A refusal of a model file. */
export function modelError(reason: ModelErrorReason, message: string, cause?: unknown): BitwrightError {
  return new BitwrightError('invalid_argument', reason, message, { cause });
}
