#include "depthwise-operations.h"

#include "normalization-inputs.h"
#include "normalized-depthwise.h"

namespace bitwright {
namespace {

/** What the shapes of a run do not tell. Kernel height and width are those of the weight. */
struct Window {
  int strideHeight, strideWidth;
  int padTop, padLeft;
  int outputHeight, outputWidth;
  /** Whether the gradients of the range are wanted. */
  bool ofRange;
};

void* createWindow(TF_OpKernelConstruction* construction) {
  Construction attributes(construction);
  return new Window{attributes.integer("stride_height"), attributes.integer("stride_width"),
                    attributes.integer("pad_top"),       attributes.integer("pad_left"),
                    attributes.integer("output_height"), attributes.integer("output_width"),
                    attributes.flag("of_range")};
}

void deleteWindow(void* kernel) { delete static_cast<Window*>(kernel); }

int size(const Tensor& tensor, int axis) { return static_cast<int>(TF_Dim(tensor.get(), axis)); }

bool fit(const Window& window, const Tensor& x, const Tensor& weight) {
  return TF_NumDims(x.get()) == 4 && TF_NumDims(weight.get()) == 4 && size(weight, 2) == size(x, 3) &&
         size(weight, 3) == 1 && hasDepthwiseRows(size(weight, 1), size(x, 3)) && window.strideHeight > 0 &&
         window.strideWidth > 0;
}

constexpr char kMisfit[] =
    "a normalized depthwise convolution wants images, one output a channel, 8 channels or more, and a kernel 3 or 5 "
    "wide";

Depthwise describe(const Window& window, const Tensor& x, const Tensor& weight) {
  return {TF_Dim(x.get(), 0),  size(x, 3),         size(x, 1),           size(x, 2),
          window.outputHeight, window.outputWidth, size(weight, 0),      size(weight, 1),
          window.strideHeight, window.strideWidth, window.padTop,        window.padLeft};
}

std::vector<int64_t> outputShape(const Depthwise& of) {
  return {of.batch, of.outputHeight, of.outputWidth, of.channels};
}

// Further input: weight. Output: the convolution of the normalized x.
void computeForward(void* kernel, TF_OpKernelContext* context) {
  const Window& window = *static_cast<Window*>(kernel);
  Run run(context);
  const NormalizationInputs inputs(run);
  const Tensor weight = run.input(8);
  if (run.failed()) return;
  if (!inputs.fit()) return run.refuse(kNormalizationMisfit);
  if (!fit(window, inputs.x, weight)) return run.refuse(kMisfit);
  const Depthwise of = describe(window, inputs.x, weight);
  const Tensor y = run.output(0, outputShape(of));
  if (run.failed()) return;
  convolveNormalized(of, inputs.normalization(), valuesOf(inputs.x), valuesOf(weight), valuesOf(y), threads());
}

// Further inputs: weight, dy. Outputs: dx, those of every normalization, and dw.
void computeGradient(void* kernel, TF_OpKernelContext* context) {
  const Window& window = *static_cast<Window*>(kernel);
  Run run(context);
  const NormalizationInputs inputs(run);
  const Tensor weight = run.input(8), dy = run.input(9);
  if (run.failed()) return;
  if (!inputs.fit()) return run.refuse(kNormalizationMisfit);
  if (!fit(window, inputs.x, weight)) return run.refuse(kMisfit);
  const Depthwise of = describe(window, inputs.x, weight);
  if (shapeOf(dy) != outputShape(of)) return run.refuse("a gradient has the shape of what it is the gradient of");
  const Tensor dx = run.output(0, shapeOf(inputs.x));
  const NormalizationGradientOutputs outputs(run, of.channels);
  const Tensor dw = run.output(5, shapeOf(weight));
  if (run.failed()) return;
  const DepthwiseGradients gradients =
      normalizedDepthwiseGradients(of, inputs.normalization(), valuesOf(dy), valuesOf(inputs.x), valuesOf(weight),
                                   window.ofRange, valuesOf(dx), threads());
  outputs.write(gradients.normalization);
  std::copy(gradients.weight.begin(), gradients.weight.end(), valuesOf(dw));
}

void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

std::vector<const char*> windowAttributes() {
  return {"stride_height: int", "stride_width: int",  "pad_top: int", "pad_left: int",
          "output_height: int", "output_width: int", "of_range: bool"};
}

}  // namespace

const std::vector<Operation>& depthwiseOperations() {
  static const std::vector<Operation> operations = {
      {"BitwrightNormalizedDepthwise",
       normalizationInputsAnd({"weight: float"}),
       {"y: float"},
       windowAttributes(),
       unknownShape,
       createWindow,
       computeForward,
       deleteWindow},
      {"BitwrightNormalizedDepthwiseGrad",
       normalizationInputsAnd({"weight: float", "dy: float"}),
       {"dx: float", "scale_gradient: float", "shift_gradient: float", "low_gradient: float", "high_gradient: float",
        "dw: float"},
       windowAttributes(),
       sameShapeAs<0, 1, 2, -1, -1, 8>,
       createWindow,
       computeGradient,
       deleteWindow},
  };
  return operations;
}

}  // namespace bitwright
