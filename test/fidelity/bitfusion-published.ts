/**
 * Published figures of networks with fixed precision at 224 x 224 on BitFusion: HAQ (Wang et al., arXiv 1811.08886v3),
 * tables of latency- and of energy-constrained quantization on BitFusion, rows of the fixed 4- and 8-bit baselines.
 * All layers count; one image.
 */
export type PublishedCost = {
  readonly hardware: 'bitfusion';
  readonly network: 'mobilenet-v1';
  readonly weightBits: number;
  readonly activationBits: number;
  readonly latencyMs: number;
  readonly energyMj: number;
};

export const PUBLISHED_COSTS: readonly PublishedCost[] = [
  {
    hardware: 'bitfusion',
    network: 'mobilenet-v1',
    weightBits: 4,
    activationBits: 4,
    latencyMs: 7.86,
    energyMj: 13.47,
  },
  {
    hardware: 'bitfusion',
    network: 'mobilenet-v1',
    weightBits: 8,
    activationBits: 8,
    latencyMs: 20.08,
    energyMj: 31.03,
  },
];
