/** What the data sheet says, one unit in each name. Every number here is an assumption: replace it and name its source. */
export const PARAMETERS = {
  name: 'NAME',
  description: 'a device by its peak operations, its memory and its launch; not validated',
  version: '1',
  weightBits: [4, 8],
  activationBits: [8],
  maximumBatchImages: 64,
  teraOperationsPerSecondAt8Bits: 0.5, // 512 multipliers at 0.5 GHz
  dramGigabytesPerSecond: 12.8, // 32-bit LPDDR4 at 3200 MT/s
  launchMicrosecondsPerLayer: 10, // one descriptor and one interrupt
};
