/**
 * Published latencies of fixed-precision networks at 224 x 224 on BISMO: HAQ (Wang et al., arXiv 1811.08886v3), table
 * of latency-constrained quantization on BISMO, rows of the fixed 4-, 5-, 6- and 8-bit baselines; ms for the whole
 * batch (1 on the edge, 16 in the cloud).
 */
export type PublishedLatency = {
  readonly hardware: 'bismo-edge' | 'bismo-cloud';
  readonly network: 'mobilenet-v1' | 'mobilenet-v2';
  readonly bits: number;
  readonly latencyMs: number;
  /**
   * Whether the printed figure holds the first layer at 8 bits on top of the layers that count: so in the column of
   * MobileNetV1 on the edge, in every row but the 8-bit one. Found by comparing; the paper does not say so.
   */
  readonly holdsFirstLayer: boolean;
};

const BITS = [4, 5, 6, 8] as const;

const COLUMNS = [
  { hardware: 'bismo-edge', network: 'mobilenet-v1', latenciesMs: [45.45, 57.75, 70.67, 96.2] },
  { hardware: 'bismo-edge', network: 'mobilenet-v2', latenciesMs: [52.15, 66.94, 82.49, 115.84] },
  { hardware: 'bismo-cloud', network: 'mobilenet-v1', latenciesMs: [57.49, 77.52, 99.86, 151.09] },
  { hardware: 'bismo-cloud', network: 'mobilenet-v2', latenciesMs: [74.46, 99.43, 127.07, 189.82] },
] as const;

export const PUBLISHED_LATENCIES: readonly PublishedLatency[] = COLUMNS.flatMap(({ hardware, network, latenciesMs }) =>
  BITS.map((bits, row) => ({
    hardware,
    network,
    bits,
    latencyMs: latenciesMs[row] as number,
    holdsFirstLayer: hardware === 'bismo-edge' && network === 'mobilenet-v1' && bits < 8,
  })),
);

/**
 * Cost of uniform bits over that of 8 bits, in the cost table that HAQ's repository ships (mit-han-lab/haq at 8228d12:
 * MobileNetV2 on the cloud accelerator, batch 16), all 53 layers counted.
 */
export const HAQ_TABLE_RATIOS: Readonly<Record<number, number>> = {
  2: 0.178,
  3: 0.28,
  4: 0.397,
  5: 0.528,
  6: 0.673,
  7: 0.83,
};
