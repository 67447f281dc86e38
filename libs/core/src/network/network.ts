/** Height, width and channels of one image's tensor (NHWC without N). A vector is 1 x 1 x channels. */
export type TensorShape = { readonly height: number; readonly width: number; readonly channels: number };

export type Padding = { readonly top: number; readonly left: number; readonly bottom: number; readonly right: number };

/** What a node computes. Parameters are stored apart, see {@link ParameterTensor}. */
export type Operation =
  | { readonly kind: 'input' }
  | {
      readonly kind: 'convolution';
      readonly outChannels: number;
      readonly kernelHeight: number;
      readonly kernelWidth: number;
      readonly strideHeight: number;
      readonly strideWidth: number;
      readonly padding: Padding;
      /** 1 for a dense convolution; equal to the input channels for a depthwise one. */
      readonly groups: number;
      readonly bias: boolean;
    }
  | { readonly kind: 'fully-connected'; readonly outFeatures: number; readonly bias: boolean }
  | { readonly kind: 'batch-normalization'; readonly epsilon: number }
  | { readonly kind: 'relu' }
  | { readonly kind: 'relu6' }
  | { readonly kind: 'add' }
  | {
      readonly kind: 'max-pool' | 'average-pool';
      readonly kernelHeight: number;
      readonly kernelWidth: number;
      readonly strideHeight: number;
      readonly strideWidth: number;
      readonly padding: Padding;
    }
  | { readonly kind: 'global-average-pool' }
  /** Features in the order of NHWC: height, then width, then channels. */
  | { readonly kind: 'flatten' };

export type OperationKind = Operation['kind'];

export type Convolution = Extract<Operation, { readonly kind: 'convolution' }>;

/** Over windows; the global one has none. */
export type Pooling = Extract<Operation, { readonly kind: 'max-pool' | 'average-pool' }>;

/** One node; `inputs` are ids of earlier nodes, `output` the shape of what it gives for one image. */
export type NetworkNode = {
  readonly id: string;
  readonly operation: Operation;
  readonly inputs: readonly string[];
  readonly output: TensorShape;
};

/** A feed-forward network: nodes in topological order, the first is the input, the last gives the logits. */
export type Network = {
  readonly name: string;
  readonly input: TensorShape;
  readonly classes: number;
  readonly nodes: readonly NetworkNode[];
};

/**
 * A parameter, in ONNX's layouts: convolution weight OIHW (`I` is input channels / groups), fully connected weight
 * `[out, in]`, vectors `[channels]`. Values are row-major.
 */
export type ParameterTensor = { readonly shape: readonly number[]; readonly values: Float32Array };

/**
 * Parameters by `<nodeId>.<role>`; roles: `weight`, `bias` (convolution, fully connected); `scale`, `shift`, `mean`,
 * `variance` (batch normalization: scale is gamma, shift is beta, mean and variance the running statistics).
 */
export type Parameters = ReadonlyMap<string, ParameterTensor>;

/** A trained network. */
export type Model = { readonly network: Network; readonly parameters: Parameters };
