export { type Accelerator, assertSupportedPrecision, type LayerShape } from './accelerator.js';
export {
  DRAM_PICOJOULES_PER_BIT,
  ENERGY_45_NM,
  type EnergyActivity,
  type EnergyParts,
  type EnergyRates,
  energyParts,
  totalEnergyMj,
} from './blocks/energy.js';
export {
  type ArrayExtent,
  type GemmBatch,
  lowerBatchRows,
  lowerBlockDiagonal,
  lowerPerImage,
} from './blocks/gemm.js';
export { throwIfCancelled, untilCancelled } from './cancellation.js';
export { countedFlags } from './counted-layers.js';
export { readHardwareRequest } from './hardware-request.js';
export { createLayerCostCache, type LayerCostCache, type PairCosts } from './layer-cost-cache.js';
export {
  assertLayers,
  describeShape,
  LAYER_KINDS,
  LAYER_SIZES,
  layerShapeKey,
  layerViolations,
  macsOf,
} from './layer-shape.js';
export { catalogOf, createLocalCatalog } from './local-catalog.js';
export { createLocalHardware, type LocalHardwareOptions } from './local-hardware.js';
export { nameRefusal } from './named-refusals.js';
export { type SampleSummary, summarizeSamples } from './sample-summary.js';
