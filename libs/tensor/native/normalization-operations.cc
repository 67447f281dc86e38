#include "normalization-operations.h"

#include <cmath>

#include "normalization-inputs.h"

namespace bitwright {
namespace {

struct StatisticsAttributes {
  float epsilon;
  float momentum;
};

void* createStatistics(TF_OpKernelConstruction* construction) {
  Construction attributes(construction);
  return new StatisticsAttributes{attributes.real("epsilon"), attributes.real("momentum")};
}

void deleteStatistics(void* kernel) { delete static_cast<StatisticsAttributes*>(kernel); }

/** The running value after this batch; a momentum of 1 forgets the old one, whatever it was. */
float moved(float running, double batch, float momentum) {
  if (momentum == 1.0f) return static_cast<float>(batch);
  return static_cast<float>((1.0 - momentum) * running + momentum * batch);
}

// Inputs: x, running mean, running variance. Outputs: both after this batch, and the batch's mean and deviation.
void computeStatistics(void* kernel, TF_OpKernelContext* context) {
  const StatisticsAttributes& attributes = *static_cast<StatisticsAttributes*>(kernel);
  Run run(context);
  const Tensor x = run.input(0), mean = run.input(1), variance = run.input(2);
  if (run.failed()) return;
  const Layout layout = layoutOf(x);
  if (layout.rows < 2 || !isPerChannel(mean, layout) || !isPerChannel(variance, layout)) {
    return run.refuse("statistics want two rows or more, and a mean and variance of each channel");
  }
  const std::vector<int64_t> perChannel = {layout.channels};
  const Tensor newMean = run.output(0, perChannel), newVariance = run.output(1, perChannel),
               batchMean = run.output(2, perChannel), deviation = run.output(3, perChannel);
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
}

void computeNormalize(void*, TF_OpKernelContext* context) {
  Run run(context);
  const NormalizationInputs inputs(run);
  if (run.failed()) return;
  if (!inputs.fit()) return run.refuse(kNormalizationMisfit);
  const Tensor y = run.output(0, shapeOf(inputs.x));
  if (run.failed()) return;
  normalize(inputs.normalization(), valuesOf(inputs.x), valuesOf(y), threads());
}

void* createNormalizeGradient(TF_OpKernelConstruction* construction) {
  return new bool(Construction(construction).flag("of_range"));
}

void deleteNormalizeGradient(void* kernel) { delete static_cast<bool*>(kernel); }

// Further input: dy. The gradients of the range are 0 unless `of_range`.
void computeNormalizeGradient(void* kernel, TF_OpKernelContext* context) {
  const bool ofRange = *static_cast<bool*>(kernel);
  constexpr int kGradient = 8;
  Run run(context);
  const NormalizationInputs inputs(run);
  if (run.failed()) return;
  // Before the gradient is read: what is held by a reader is not overwritten.
  const Tensor dx = run.outputInPlaceOf(kGradient, 0, shapeOf(inputs.x));
  const Tensor dy = run.input(kGradient);
  const NormalizationGradientOutputs outputs(run, inputs.layout().channels);
  if (run.failed()) return;
  if (!inputs.fit()) return run.refuse(kNormalizationMisfit);
  if (shapeOf(dy) != shapeOf(inputs.x)) return run.refuse("a gradient has the shape of what it is the gradient of");
  const Normalization by = inputs.normalization();
  const Gradients gradients = parameterGradients(by, valuesOf(dy), valuesOf(inputs.x), ofRange, threads());
  inputGradient(by, valuesOf(dy), valuesOf(inputs.x), gradients, valuesOf(dx), threads());
  outputs.write(gradients);
}

}  // namespace

const std::vector<Operation>& normalizationOperations() {
  static const std::vector<Operation> operations = {
      {"BitwrightStatistics",
       {"x: float", "mean: float", "variance: float"},
       {"new_mean: float", "new_variance: float", "batch_mean: float", "batch_deviation: float"},
       {"epsilon: float", "momentum: float"},
       sameShapeAs<1, 1, 1, 1>,
       createStatistics,
       computeStatistics,
       deleteStatistics},
      {"BitwrightNormalize",
       normalizationInputsAnd({}),
       {"y: float"},
       {},
       sameShapeAs<0>,
       nullptr,
       computeNormalize,
       nullptr},
      {"BitwrightNormalizeGrad",
       normalizationInputsAnd({"dy: float"}),
       {"dx: float", "scale_gradient: float", "shift_gradient: float", "low_gradient: float", "high_gradient: float"},
       {"of_range: bool"},
       sameShapeAs<0, 1, 2, -1, -1>,
       createNormalizeGradient,
       computeNormalizeGradient,
       deleteNormalizeGradient},
  };
  return operations;
}

}  // namespace bitwright
