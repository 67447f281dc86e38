#pragma once

#include <vector>

#include "operation.h"

namespace bitwright {

/** `BitwrightNormalize` and `BitwrightNormalizeGrad`. */
const std::vector<Operation>& normalizationOperations();

}  // namespace bitwright
