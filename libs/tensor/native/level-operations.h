#pragma once

#include <vector>

#include "operation.h"

namespace bitwright {

/** `BitwrightNearestLevel` and `BitwrightNearestLevelGrad`. */
const std::vector<Operation>& levelOperations();

}  // namespace bitwright
