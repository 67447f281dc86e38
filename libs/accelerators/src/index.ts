export { type BismoActivity, bismoLayerActivity, peakBinaryOperationsPerCycle } from './bismo/layer-activity.js';
export { createBismo } from './bismo/model.js';
export type { BismoProfile, GroupedLowering } from './bismo/profile.js';
export { bismoCloud } from './bismo/profiles/cloud.js';
export { bismoEdge } from './bismo/profiles/edge.js';
export { ACCELERATORS, selectAccelerators } from './registry.js';
