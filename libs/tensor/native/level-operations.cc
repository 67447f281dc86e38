#include "level-operations.h"

#include <algorithm>
#include <cmath>

#include "level-rows.h"

namespace bitwright {
namespace {

constexpr int kMostLevels = 256;

constexpr char kMisfit[] = "nearest levels want 1 to 256 levels, finite, as a vector";

bool fit(const Tensor& levels) {
  if (TF_NumDims(levels.get()) != 1) return false;
  const int64_t count = TF_Dim(levels.get(), 0);
  const float* values = valuesOf(levels);
  return count >= 1 && count <= kMostLevels &&
         std::all_of(values, values + count, [](float value) { return std::isfinite(value); });
}

/** Calls `work(part, begin, end)` for a share of `count` values on each thread. */
template <typename Work>
void byShares(int64_t count, const Work& work) {
  const int parts = threads().size();
  threads().run([&](int part) { work(part, count * part / parts, count * (part + 1) / parts); });
}

// Inputs: x, levels. Output: the nearest level of each value.
void computeNearest(void*, TF_OpKernelContext* context) {
  Run run(context);
  const Tensor x = run.input(0), levels = run.input(1);
  if (run.failed()) return;
  if (!fit(levels)) return run.refuse(kMisfit);
  const Tensor y = run.output(0, shapeOf(x));
  if (run.failed()) return;
  const NearestLevel nearest(valuesOf(levels), static_cast<int>(TF_Dim(levels.get(), 0)));
  byShares(TF_TensorElementCount(x.get()), [&](int, int64_t begin, int64_t end) {
    quantizeToLevels(nearest, valuesOf(x), valuesOf(y), begin, end);
  });
}

// Inputs: x, levels, dy. Outputs: dx, and the sums of `LevelSum` as rows of one entry a level.
void computeGradient(void*, TF_OpKernelContext* context) {
  Run run(context);
  const Tensor x = run.input(0), levels = run.input(1), dy = run.input(2);
  if (run.failed()) return;
  if (!fit(levels)) return run.refuse(kMisfit);
  if (shapeOf(dy) != shapeOf(x)) return run.refuse("a gradient has the shape of what it is the gradient of");
  const int count = static_cast<int>(TF_Dim(levels.get(), 0));
  const Tensor dx = run.output(0, shapeOf(x)), sums = run.output(1, {kLevelSums, count});
  if (run.failed()) return;
  const NearestLevel nearest(valuesOf(levels), count);
  const size_t size = static_cast<size_t>(kLevelSums) * nearest.size();
  std::vector<double> partial(size * threads().size());
  byShares(TF_TensorElementCount(x.get()), [&](int part, int64_t begin, int64_t end) {
    passBetweenLevels(nearest, valuesOf(dy), valuesOf(x), valuesOf(dx), begin, end, partial.data() + size * part);
  });
  std::fill_n(valuesOf(sums), kLevelSums * count, 0.0f);
  for (int level = 0; level < nearest.size(); ++level) {
    for (int kind = 0; kind < kLevelSums; ++kind) {
      double sum = 0;
      for (int part = 0; part < threads().size(); ++part) sum += partial[size * part + kLevelSums * level + kind];
      valuesOf(sums)[kind * count + nearest.entry(level)] = static_cast<float>(sum);
    }
  }
}

void unknownShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

}  // namespace

const std::vector<Operation>& levelOperations() {
  static const std::vector<Operation> operations = {
      {"BitwrightNearestLevel", {"x: float", "levels: float"}, {"y: float"}, {}, sameShapeAs<0>, nullptr,
       computeNearest, nullptr},
      {"BitwrightNearestLevelGrad",
       {"x: float", "levels: float", "dy: float"},
       {"dx: float", "sums: float"},
       {},
       unknownShape,
       nullptr,
       computeGradient,
       nullptr},
  };
  return operations;
}

}  // namespace bitwright
