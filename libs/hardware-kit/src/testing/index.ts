export { describeAccelerator } from './describe-accelerator.js';
export { convolutionLayer, depthwiseLayer, fullyConnectedLayer, SAMPLE_LAYERS } from './sample-layers.js';
