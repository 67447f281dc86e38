#pragma once

#include <vector>

#include "operation.h"

namespace bitwright {

/** `BitwrightNormalizedDepthwise` and `BitwrightNormalizedDepthwiseGrad`. */
const std::vector<Operation>& depthwiseOperations();

}  // namespace bitwright
