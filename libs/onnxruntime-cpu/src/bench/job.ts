/** How a model is run. */
export type RunSettings = {
  /** Threads that compute one kernel together. */
  readonly threads: number;
  /** Runs before the first that counts. */
  readonly warmUpRuns: number;
  /** Samples; each is the mean of `runsPerSample` runs. */
  readonly samples: number;
  readonly runsPerSample: number;
  /** Time after which a measurement ends with the samples that it has, at least 5, ms. */
  readonly budgetMs: number;
};

/** A model to run on random images. */
export type BenchJob = {
  readonly model: Uint8Array;
  readonly batch: number;
  readonly settings: RunSettings;
  /** Also times each kernel, which makes the whole a little slower. */
  readonly kernels: boolean;
};

/** One kernel of a model, as ONNX Runtime ran it after its own fusions. */
export type KernelTimes = {
  readonly node: string;
  /** For example `QLinearConv`. */
  readonly operator: string;
  readonly samplesMs: readonly number[];
};

export type BenchResult = {
  /** Of whole runs. */
  readonly samplesMs: readonly number[];
  /** Empty unless they were asked for. */
  readonly kernels: readonly KernelTimes[];
};
