export { LARGEST_DOCUMENT_BYTES as LARGEST_PROFILE_BYTES } from '@bitwright/yaml-document';
export { type BismoActivity, bismoLayerActivity, peakBinaryOperationsPerCycle } from './bismo/layer-activity.js';
export { createBismo } from './bismo/model.js';
export type { BismoProfile, GroupedLowering } from './bismo/profile.js';
export { bismoCloud } from './bismo/profiles/cloud.js';
export { bismoEdge } from './bismo/profiles/edge.js';
export {
  type BitfusionActivity,
  bitfusionLayerActivity,
  type EnergySplit,
} from './bitfusion/layer-activity.js';
export { createBitfusion } from './bitfusion/model.js';
export type { BitfusionProfile, DepthwiseLowering, MappingObjective } from './bitfusion/profile.js';
export { bitfusionEightByEight } from './bitfusion/profiles/eight-by-eight.js';
export { BUILT_IN_PROFILES, openBuiltInProfile } from './profile-file/built-in-profiles.js';
export { formatProfile, type ProfileChanges } from './profile-file/format-profile.js';
export { openProfile, parseAccelerator } from './profile-file/parse-accelerator.js';
export type { ConstantValues, PhysicalConstant, TunableProfile } from './profile-file/physical-constant.js';
export { ACCELERATORS, selectAccelerators } from './registry.js';
export { createRoofline } from './roofline/model.js';
export type { RooflineProfile } from './roofline/profile.js';
export { systolicEnergyParts } from './systolic/energy.js';
export { type SystolicActivity, systolicLayerActivity } from './systolic/layer-activity.js';
export { createSystolic } from './systolic/model.js';
export type { SystolicProfile } from './systolic/profile.js';
export { microcontroller } from './systolic/profiles/microcontroller.js';
export { npuInt8Int4 } from './systolic/profiles/npu-int8-int4.js';
export { tpu128x128 } from './systolic/profiles/tpu-128x128.js';
export { MISSING_COSTS, type MissingCosts } from './table/missing.js';
export { createTable, type TableOptions } from './table/model.js';
