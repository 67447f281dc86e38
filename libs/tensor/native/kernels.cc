// TensorFlow operations of Bitwright's own, registered through TensorFlow's C interface when Node loads this addon.

#include <node_api.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>

#include "normalization.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace bitwright {
namespace {

struct StatusDeleter {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
struct TensorDeleter {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

Status newStatus() { return Status(TF_NewStatus()); }

float* valuesOf(const Tensor& tensor) { return static_cast<float*>(TF_TensorData(tensor.get())); }

/** As many as TensorFlow itself computes one operation with. */
ThreadPool& threads() {
  static ThreadPool* const pool = [] {
    const char* asked = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int count = asked == nullptr ? 0 : std::atoi(asked);
    return new ThreadPool(count > 0 ? count : static_cast<int>(std::thread::hardware_concurrency()));
  }();
  return *pool;
}

/** The inputs and outputs of one run; the first failure ends it. */
class Run {
 public:
  explicit Run(TF_OpKernelContext* context) : context_(context), status_(newStatus()) {}

  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    return Tensor(tensor);
  }

  Tensor output(int index, const std::vector<int64_t>& shape) {
    size_t bytes = sizeof(float);
    for (int64_t size : shape) bytes *= static_cast<size_t>(size);
    const int rank = static_cast<int>(shape.size());
    return Tensor(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), rank, bytes, status_.get()));
  }

  /** Output `index` in the memory of input `source` when nobody else reads that, else in memory of its own. */
  Tensor outputInPlaceOf(int source, int index, const std::vector<int64_t>& shape) {
    int forwarded = -1;
    const int rank = static_cast<int>(shape.size());
    return Tensor(TF_ForwardInputOrAllocateOutput(context_, &source, 1, index, shape.data(), rank, &forwarded,
                                                  status_.get()));
  }

  bool failed() {
    if (TF_GetCode(status_.get()) == TF_OK) return false;
    TF_OpKernelContext_Failure(context_, status_.get());
    return true;
  }

  void refuse(const std::string& message) {
    TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message.c_str());
    TF_OpKernelContext_Failure(context_, status_.get());
  }

 private:
  TF_OpKernelContext* context_;
  Status status_;
};

std::vector<int64_t> shapeOf(const Tensor& tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor.get()));
  for (size_t axis = 0; axis < shape.size(); ++axis) shape[axis] = TF_Dim(tensor.get(), static_cast<int>(axis));
  return shape;
}

Layout layoutOf(const Tensor& x) {
  const int rank = TF_NumDims(x.get());
  const int channels = rank == 0 ? 0 : static_cast<int>(TF_Dim(x.get(), rank - 1));
  return {channels == 0 ? 0 : TF_TensorElementCount(x.get()) / channels, channels};
}

bool isPerChannel(const Tensor& tensor, const Layout& layout) {
  return TF_TensorElementCount(tensor.get()) == layout.channels;
}

struct Attributes {
  float epsilon = 0;
  float momentum = 0;
};

void* createNormalize(TF_OpKernelConstruction* construction) {
  auto attributes = std::make_unique<Attributes>();
  const Status status = newStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &attributes->epsilon, status.get());
  if (TF_GetCode(status.get()) == TF_OK) {
    TF_OpKernelConstruction_GetAttrFloat(construction, "momentum", &attributes->momentum, status.get());
  }
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return attributes.release();
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
  unsigned char ofRange = 0;
  const Status status = newStatus();
  TF_OpKernelConstruction_GetAttrBool(construction, "of_range", &ofRange, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return new bool(ofRange != 0);
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

/** Shape inference: which input each output has the shape of; -1 is a scalar. */
template <int... Sources>
void sameShapeAs(TF_ShapeInferenceContext* context, TF_Status* status) {
  int output = 0;
  for (int source : {Sources...}) {
    TF_ShapeHandle* shape = source < 0 ? TF_ShapeInferenceContextScalar(context) : TF_NewShapeHandle();
    if (source >= 0) TF_ShapeInferenceContextGetInput(context, source, shape, status);
    if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output++, shape, status);
    TF_DeleteShapeHandle(shape);
  }
}

struct Operation {
  const char* name;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  std::vector<const char*> attributes;
  void (*shapes)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

void registerOperation(const Operation& operation, TF_Status* status) {
  TF_OpDefinitionBuilder* definition = TF_NewOpDefinitionBuilder(operation.name);
  for (const char* input : operation.inputs) TF_OpDefinitionBuilderAddInput(definition, input);
  for (const char* output : operation.outputs) TF_OpDefinitionBuilderAddOutput(definition, output);
  for (const char* attribute : operation.attributes) TF_OpDefinitionBuilderAddAttr(definition, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(definition, operation.shapes);
  TF_RegisterOpDefinition(definition, status);
  if (TF_GetCode(status) != TF_OK) return;
  TF_KernelBuilder* kernel =
      TF_NewKernelBuilder(operation.name, "CPU", operation.create, operation.compute, operation.destroy);
  TF_RegisterKernelBuilder(operation.name, kernel, status);
}

const Operation kOperations[] = {
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

/** Once a process, however many threads of Node load the addon. Gives an empty text, or what went wrong. */
const std::string& registerAll() {
  static const std::string failure = [] {
    const Status status = newStatus();
    for (const Operation& operation : kOperations) {
      registerOperation(operation, status.get());
      if (TF_GetCode(status.get()) != TF_OK) return std::string(TF_Message(status.get()));
    }
    return std::string();
  }();
  return failure;
}

}  // namespace
}  // namespace bitwright

NAPI_MODULE_INIT() {
  const std::string& failure = bitwright::registerAll();
  if (!failure.empty()) napi_throw_error(env, nullptr, failure.c_str());
  return exports;
}
