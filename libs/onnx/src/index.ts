export { type ExportOptions, exportOnnx } from './export/export-float.js';
export { type ImportedModel, importOnnx } from './import/import-onnx.js';
export type { ModelErrorReason } from './model-error.js';
