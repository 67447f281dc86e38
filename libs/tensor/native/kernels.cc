// TensorFlow operations of Bitwright's own, registered through TensorFlow's C interface when Node loads this addon.

#include <node_api.h>

#include <string>

#include "depthwise-operations.h"
#include "level-operations.h"
#include "normalization-operations.h"

namespace bitwright {
namespace {

std::string registerOperations() {
  const Status status = newStatus();
  for (const auto* operations : {&normalizationOperations(), &depthwiseOperations(), &levelOperations()}) {
    for (const Operation& operation : *operations) {
      registerOperation(operation, status.get());
      if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
    }
  }
  return "";
}

}  // namespace
}  // namespace bitwright

NAPI_MODULE_INIT() {
  // Once a process, however many threads of Node load the addon.
  static const std::string failure = bitwright::registerOperations();
  if (!failure.empty()) napi_throw_error(env, nullptr, failure.c_str());
  return exports;
}
