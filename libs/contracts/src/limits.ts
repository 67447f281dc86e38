/**
 * What a message may hold at most. Every number that comes from outside is checked against these once, at the edge;
 * inner code never checks again.
 */
export const LIMITS = {
  /** Quantizable layers of one network. */
  layers: 2_000,
  /** Nodes of one network. */
  nodes: 10_000,
  /** Tensors that one node reads. */
  nodeInputs: 16,
  /** Height, width or channels of a tensor; kernel sizes, strides and padding. */
  dimension: 1_000_000,
  /** Points of all output channels of a layer. */
  points: 8_000_000,
  /** Classes of a classifier. */
  classes: 1_000_000,
  /** Largest exact integer on the wire (MACs, weights, elements, milliseconds). */
  count: Number.MAX_SAFE_INTEGER,
  /** Largest unsigned 32-bit integer (seeds, sample counts). */
  uint32: 0xffff_ffff,
  /** Images in one hardware batch. */
  batch: 65_536,
  /** Entries in a list of bit widths: 1..8 and 32. */
  bitChoices: 9,
  /** Hardware targets of one search. */
  targets: 8,
  /** Constraints in one budget. */
  constraints: 16,
  /** Trials of one search. */
  trials: 100_000,
  /** Policies that get the final fine-tuning. */
  finalists: 100,
  /** Samples an evaluation may ask for. */
  samples: 100_000_000,
  /** Samples of a feature batch: its Gram matrices take their square. */
  featureSamples: 1_024,
  /** Passes over the fine-tuning samples. */
  epochs: 10_000,
  /** Samples in one training batch. */
  trainingBatch: 65_536,
  /** Pixels of an image's side. */
  imageSize: 4_096,
  /** Channels of an image. */
  imageChannels: 1_024,
  /** Width multiplier of a zoo network. */
  width: 16,
  /** Targets hosted by one hardware service, models of a zoo, data sets, strategies, validation figures. */
  entries: 1_000,
  /** Searches in one page. */
  pageSize: 100,
  /** Characters of a name or an id. */
  name: 256,
  /** Characters of a data set's name, which may be a folder. */
  path: 4_096,
  /** Characters of a description or an error message. */
  text: 16_384,
  /** Characters of a hardware specification (YAML). */
  specification: 65_536,
  /** Characters of a log of strategies that travels with a request: 8 MiB. */
  strategyLog: 8_388_608,
  /** Characters of a line that tells what was measured: some figures of each layer. */
  measuredLine: 131_072,
  /** Characters of a strategy's options (JSON). */
  optionsJson: 65_536,
  /** Attributes of one event. */
  attributes: 64,
  /** Bytes of one announcement of a hardware service: 64 KiB. */
  announcementBytes: 65_536,
  /** Targets that one announcement names. */
  announcedTargets: 256,
  /** Time between two announcements of a hardware service, ms. */
  announcementIntervalMs: { min: 100, max: 60_000 },
  /** Bytes in one chunk of an artifact: 1 MiB. */
  artifactChunkBytes: 1_048_576,
  /** Bytes of one artifact that travels over gRPC: 512 MiB. */
  artifactBytes: 536_870_912,
  /** Bytes of one gRPC message, sent or received: 16 MiB. A cost table of 2000 layers and 64 pairs takes 8 MB. */
  messageBytes: 16_777_216,
} as const;
