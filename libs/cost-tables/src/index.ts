export {
  CONVERSION_KINDS,
  type ConvertedElements,
  conversionMs,
  convertedElements,
  type TableConversions,
} from './conversions.js';
export { COST_COLUMNS, formatCsvTable } from './formats/csv.js';
export { formatJsonTable, TABLE_SCHEMA } from './formats/json.js';
export { type NpyTableOptions, parseNpyTable } from './formats/npy.js';
export { TABLE_LIMITS } from './limits.js';
export {
  costOf,
  type ForecastErrors,
  type LookupCell,
  type LookupLayer,
  type LookupTable,
  type NetworkComparison,
  type TableFill,
  type TableMeasurement,
  type TableSource,
} from './lookup-table.js';
export {
  formatTable,
  parseTable,
  TABLE_FORMATS,
  type TableFormat,
  tableFormatOf,
} from './parse-table.js';
export { lookupLayer, toLookupTable } from './to-lookup-table.js';
