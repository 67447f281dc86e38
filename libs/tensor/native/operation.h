#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"
#include "thread-pool.h"

/** What every operation of ours is made of: its declaration, and the inputs and outputs of one run. */
namespace bitwright {

struct StatusDeleter {
  void operator()(TF_Status* status) const { TF_DeleteStatus(status); }
};
struct TensorDeleter {
  void operator()(TF_Tensor* tensor) const { TF_DeleteTensor(tensor); }
};
using Status = std::unique_ptr<TF_Status, StatusDeleter>;
using Tensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

inline Status newStatus() { return Status(TF_NewStatus()); }

inline float* valuesOf(const Tensor& tensor) { return static_cast<float*>(TF_TensorData(tensor.get())); }

/** As many as TensorFlow itself computes one operation with. */
inline ThreadPool& threads() {
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

inline std::vector<int64_t> shapeOf(const Tensor& tensor) {
  std::vector<int64_t> shape(TF_NumDims(tensor.get()));
  for (size_t axis = 0; axis < shape.size(); ++axis) shape[axis] = TF_Dim(tensor.get(), static_cast<int>(axis));
  return shape;
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

inline void registerOperation(const Operation& operation, TF_Status* status) {
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

/** Reads attributes when a kernel is made; the first failure is TensorFlow's to report. */
class Construction {
 public:
  explicit Construction(TF_OpKernelConstruction* construction) : construction_(construction), status_(newStatus()) {}
  ~Construction() {
    if (TF_GetCode(status_.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction_, status_.get());
  }

  float real(const char* name) {
    float value = 0;
    if (good()) TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_.get());
    return value;
  }

  bool flag(const char* name) {
    unsigned char value = 0;
    if (good()) TF_OpKernelConstruction_GetAttrBool(construction_, name, &value, status_.get());
    return value != 0;
  }

  int integer(const char* name) {
    int64_t value = 0;
    if (good()) TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status_.get());
    return static_cast<int>(value);
  }

 private:
  bool good() const { return TF_GetCode(status_.get()) == TF_OK; }

  TF_OpKernelConstruction* construction_;
  Status status_;
};

}  // namespace bitwright
