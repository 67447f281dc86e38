import { networkProto } from '@bitwright/contracts';

type WireLayer = networkProto.Layer;
type Shape = {
  readonly kind: networkProto.LayerKind;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Output height and width. */
  readonly height: number;
  readonly width: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
};

const {
  LAYER_KIND_CONVOLUTION: CONVOLUTION,
  LAYER_KIND_POINTWISE: POINTWISE,
  LAYER_KIND_DEPTHWISE: DEPTHWISE,
  LAYER_KIND_FULLY_CONNECTED: FULLY_CONNECTED,
} = networkProto.LayerKind;

/** Every kind of layer, with sizes that no array divides; the same in every run. */
const SHAPES: readonly Shape[] = [
  { kind: CONVOLUTION, inChannels: 3, outChannels: 16, height: 28, width: 28, kernel: 3, stride: 2 },
  { kind: DEPTHWISE, inChannels: 16, outChannels: 16, height: 28, width: 28, kernel: 3, groups: 16 },
  { kind: POINTWISE, inChannels: 16, outChannels: 37, height: 28, width: 28 },
  { kind: CONVOLUTION, inChannels: 37, outChannels: 48, height: 13, width: 9, kernel: 3, stride: 2 },
  { kind: CONVOLUTION, inChannels: 48, outChannels: 48, height: 13, width: 9, kernel: 3, groups: 4 },
  { kind: DEPTHWISE, inChannels: 48, outChannels: 48, height: 7, width: 5, kernel: 5, stride: 2, groups: 48 },
  { kind: POINTWISE, inChannels: 48, outChannels: 211, height: 7, width: 5 },
  { kind: FULLY_CONNECTED, inChannels: 211, outChannels: 10, height: 1, width: 1 },
];

/** The network that the checks ask about. */
export const SAMPLE_LAYERS: readonly WireLayer[] = SHAPES.map(toLayer);

/** A network of any length: the sample again and again. */
export function repeatSample(count: number): readonly WireLayer[] {
  return Array.from({ length: count }, (_, index) => toLayer(SHAPES[index % SHAPES.length] as Shape, index));
}

function toLayer(shape: Shape, index: number): WireLayer {
  const { kind, inChannels, outChannels, height, width, kernel = 1, stride = 1, groups = 1 } = shape;
  const weights = (outChannels * inChannels * kernel * kernel) / groups;
  const [inputHeight, inputWidth] = [height * stride, width * stride];
  return {
    ...{ index, name: `layer-${index}`, kind, inChannels, outChannels, stride, groups },
    ...{ kernelHeight: kernel, kernelWidth: kernel, inputHeight, inputWidth, outputHeight: height, outputWidth: width },
    ...{ macs: weights * height * width, weights, inputTensor: `tensor-${index}`, inputSigned: false },
    ...{ inputElements: inputHeight * inputWidth * inChannels, outputElements: height * width * outChannels },
  };
}
