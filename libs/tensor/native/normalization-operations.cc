#include "normalization-operations.h"

#include <cmath>

#include "normalization.h"

namespace bitwright {
namespace {

Layout layoutOf(const Tensor& x) {
  const int rank = TF_NumDims(x.get());
  const int channels = rank == 0 ? 0 : static_cast<int>(TF_Dim(x.get(), rank - 1));
  return {channels == 0 ? 0 : TF_TensorElementCount(x.get()) / channels, channels};
}

bool isPerChannel(const Tensor& tensor, const Layout& layout) {
  return TF_TensorElementCount(tensor.get()) == layout.channels;
}

struct Attributes {
  float epsilon;
  float momentum;
};

void* createNormalize(TF_OpKernelConstruction* construction) {
  Construction attributes(construction);
  return new Attributes{attributes.real("epsilon"), attributes.real("momentum")};
}

void deleteNormalize(void* kernel) { delete static_cast<Attributes*>(kernel); }

/** The running value after this batch; a momentum of 1 forgets the old one, whatever it was. */
float moved(float running, double batch, float momentum) {
  if (momentum == 1.0f) return static_cast<float>(batch);
  return static_cast<float>((1.0 - momentum) * running + momentum * batch);
}

// Inputs: x, scale, shift, running mean, running variance, low, high, step.
// Outputs: y, new running mean, new running variance, batch mean, batch deviation.
void computeNormalize(void* kernel, TF_OpKernelContext* context) {
  const Attributes& attributes = *static_cast<Attributes*>(kernel);
  Run run(context);
  const Tensor x = run.input(0), scale = run.input(1), shift = run.input(2), mean = run.input(3),
               variance = run.input(4), low = run.input(5), high = run.input(6), step = run.input(7);
  if (run.failed()) return;
  const Layout layout = layoutOf(x);
  if (layout.rows < 2 || !isPerChannel(scale, layout) || !isPerChannel(shift, layout) ||
      !isPerChannel(mean, layout) || !isPerChannel(variance, layout)) {
    return run.refuse("normalization wants two rows or more, and scale, shift, mean and variance of each channel");
  }
  const std::vector<int64_t> perChannel = {layout.channels};
  const Tensor y = run.output(0, shapeOf(x)), newMean = run.output(1, perChannel),
               newVariance = run.output(2, perChannel), batchMean = run.output(3, perChannel),
               deviation = run.output(4, perChannel);
  if (run.failed()) return;
  const Statistics statistics = batchStatistics(valuesOf(x), layout, threads());
  const double unbiased = static_cast<double>(layout.rows) / static_cast<double>(layout.rows - 1);
  for (int channel = 0; channel < layout.channels; ++channel) {
    const double batchVariance = statistics.variance[channel];
    valuesOf(newMean)[channel] = moved(valuesOf(mean)[channel], statistics.mean[channel], attributes.momentum);
    valuesOf(newVariance)[channel] =
        moved(valuesOf(variance)[channel], batchVariance * unbiased, attributes.momentum);
    valuesOf(batchMean)[channel] = static_cast<float>(statistics.mean[channel]);
    valuesOf(deviation)[channel] = static_cast<float>(std::sqrt(batchVariance + attributes.epsilon));
  }
  const Range range = {*valuesOf(low), *valuesOf(high), *valuesOf(step)};
  const Normalization by(layout, valuesOf(scale), valuesOf(shift), valuesOf(batchMean), valuesOf(deviation), range);
  normalize(by, valuesOf(x), valuesOf(y), threads());
}

void* createNormalizeGradient(TF_OpKernelConstruction* construction) {
  return new bool(Construction(construction).flag("of_range"));
}

void deleteNormalizeGradient(void* kernel) { delete static_cast<bool*>(kernel); }

// Inputs: dy, x, scale, shift, batch mean, batch deviation, low, high.
// Outputs: dx, and the gradients of scale, shift, low and high; the last two are 0 unless `of_range`.
void computeNormalizeGradient(void* kernel, TF_OpKernelContext* context) {
  const bool ofRange = *static_cast<bool*>(kernel);
  Run run(context);
  const Tensor x = run.input(1);
  if (run.failed()) return;
  // Before the gradient is read: what is held by a reader is not overwritten.
  const Tensor dx = run.outputInPlaceOf(0, 0, shapeOf(x));
  const Tensor dy = run.input(0), scale = run.input(2), shift = run.input(3), mean = run.input(4),
               deviation = run.input(5), low = run.input(6), high = run.input(7);
  const Layout layout = layoutOf(x);
  const std::vector<int64_t> perChannel = {layout.channels};
  const Tensor ofScale = run.output(1, perChannel), ofShift = run.output(2, perChannel), ofLow = run.output(3, {}),
               ofHigh = run.output(4, {});
  if (run.failed()) return;
  if (TF_TensorElementCount(dy.get()) != TF_TensorElementCount(x.get()) || !isPerChannel(scale, layout) ||
      !isPerChannel(shift, layout) || !isPerChannel(mean, layout) || !isPerChannel(deviation, layout)) {
    return run.refuse("the gradient of a normalization wants a gradient as large as its input");
  }
  const Range range = {*valuesOf(low), *valuesOf(high), 0};
  const Normalization by(layout, valuesOf(scale), valuesOf(shift), valuesOf(mean), valuesOf(deviation), range);
  const Gradients gradients = parameterGradients(by, valuesOf(dy), valuesOf(x), ofRange, threads());
  inputGradient(by, valuesOf(dy), valuesOf(x), gradients, valuesOf(dx), threads());
  std::copy(gradients.scale.begin(), gradients.scale.end(), valuesOf(ofScale));
  std::copy(gradients.shift.begin(), gradients.shift.end(), valuesOf(ofShift));
  *valuesOf(ofLow) = static_cast<float>(gradients.low);
  *valuesOf(ofHigh) = static_cast<float>(gradients.high);
}

}  // namespace

const std::vector<Operation>& normalizationOperations() {
  static const std::vector<Operation> operations = {
      {"BitwrightNormalize",
       {"x: float", "scale: float", "shift: float", "mean: float", "variance: float", "low: float", "high: float",
        "step: float"},
       {"y: float", "new_mean: float", "new_variance: float", "batch_mean: float", "batch_deviation: float"},
       {"epsilon: float", "momentum: float"},
       sameShapeAs<0, 1, 1, 1, 1>,
       createNormalize,
       computeNormalize,
       deleteNormalize},
      {"BitwrightNormalizeGrad",
       {"dy: float", "x: float", "scale: float", "shift: float", "batch_mean: float", "batch_deviation: float",
        "low: float", "high: float"},
       {"dx: float", "scale_gradient: float", "shift_gradient: float", "low_gradient: float", "high_gradient: float"},
       {"of_range: bool"},
       sameShapeAs<1, 2, 2, -1, -1>,
       createNormalizeGradient,
       computeNormalizeGradient,
       deleteNormalizeGradient},
  };
  return operations;
}

}  // namespace bitwright
