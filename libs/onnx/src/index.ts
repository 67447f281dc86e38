export { type ExportOptions, exportOnnx } from './export/export-float.js';
export { type ExportQdqOptions, exportQdq, qdqOpset } from './export/export-qdq.js';
export {
  type ActivationQuantization,
  hasByteCodes,
  type LayerQuantization,
  type WeightQuantization,
} from './export/layer-quantization.js';
export { type ImportedModel, importOnnx } from './import/import-onnx.js';
export { exportIntegerGraph, INTEGER_OPSET, type IntegerExportOptions } from './integer/export-integer-graph.js';
export type { ModelErrorReason } from './model-error.js';
export { exportForTiming, exportLayer, type TimingOptions } from './timing/export-for-timing.js';
export type { TimedLayer } from './timing/layer-network.js';
