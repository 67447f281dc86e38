export { type BitProductAccelerator, createBitProductAccelerator } from './bit-product-accelerator.js';
export { describeAccelerator } from './describe-accelerator.js';
export { convolutionLayer, depthwiseLayer, fullyConnectedLayer, SAMPLE_LAYERS } from './sample-layers.js';
export { createSwitchingHardware, type SwitchingHardware } from './switching-hardware.js';
