#pragma once

#include "normalization.h"
#include "operation.h"

namespace bitwright {

inline Layout layoutOf(const Tensor& x) {
  const int rank = TF_NumDims(x.get());
  const int channels = rank == 0 ? 0 : static_cast<int>(TF_Dim(x.get(), rank - 1));
  return {channels == 0 ? 0 : TF_TensorElementCount(x.get()) / channels, channels};
}

inline bool isPerChannel(const Tensor& tensor, const Layout& layout) {
  return TF_TensorElementCount(tensor.get()) == layout.channels;
}

/** The first inputs of every operation that normalizes: x, scale, shift, batch mean and deviation, low, high, step. */
struct NormalizationInputs {
  Tensor x, scale, shift, mean, deviation, low, high, step;

  explicit NormalizationInputs(Run& run)
      : x(run.input(0)), scale(run.input(1)), shift(run.input(2)), mean(run.input(3)), deviation(run.input(4)),
        low(run.input(5)), high(run.input(6)), step(run.input(7)) {}

  Layout layout() const { return layoutOf(x); }

  bool fit() const {
    const Layout rows = layout();
    return rows.rows > 0 && isPerChannel(scale, rows) && isPerChannel(shift, rows) && isPerChannel(mean, rows) &&
           isPerChannel(deviation, rows);
  }

  Normalization normalization() const {
    const Range range = {*valuesOf(low), *valuesOf(high), *valuesOf(step)};
    return Normalization(layout(), valuesOf(scale), valuesOf(shift), valuesOf(mean), valuesOf(deviation), range);
  }
};

/** Declares them; `more` follow. */
inline std::vector<const char*> normalizationInputsAnd(std::vector<const char*> more) {
  std::vector<const char*> inputs = {"x: float",         "scale: float", "shift: float", "mean: float",
                                     "deviation: float", "low: float",   "high: float",  "step: float"};
  inputs.insert(inputs.end(), more.begin(), more.end());
  return inputs;
}

constexpr char kNormalizationMisfit[] = "normalization wants scale, shift, mean and deviation of each channel";

/** Outputs 1 to 4 of every gradient: of scale, shift, and the ends of the range. */
struct NormalizationGradientOutputs {
  Tensor scale, shift, low, high;

  NormalizationGradientOutputs(Run& run, int channels)
      : scale(run.output(1, {channels})), shift(run.output(2, {channels})), low(run.output(3, {})),
        high(run.output(4, {})) {}

  void write(const Gradients& gradients) const {
    std::copy(gradients.scale.begin(), gradients.scale.end(), valuesOf(scale));
    std::copy(gradients.shift.begin(), gradients.shift.end(), valuesOf(shift));
    *valuesOf(low) = static_cast<float>(gradients.low);
    *valuesOf(high) = static_cast<float>(gradients.high);
  }
};

}  // namespace bitwright
