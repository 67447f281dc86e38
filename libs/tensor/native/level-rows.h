#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

/** Quantization to the nearest of up to 256 levels: the method behind `BitwrightNearestLevel`. */
namespace bitwright {

/** What one level was given: sums over the values that are nearest to it. */
enum LevelSum { kGradients, kSquaredGradients, kValues, kCount, kLevelSums };

/**
 * Finds nearest levels through a table over their range: each cell names the first level that reaches into it, which
 * leaves about one comparison a value. Half way goes to the upper level; NaN to the lowest. Of equal levels only the
 * first is ever found; one below its predecessor, by rounding, counts as equal to it.
 */
class NearestLevel {
 public:
  NearestLevel(const float* levels, int count) : table_(kCells + 2) {
    for (int entry = 0; entry < count; ++entry) {
      if (entry > 0 && levels[entry] <= values_.back()) continue;
      if (entry > 0) bounds_.push_back(0.5f * (values_.back() + levels[entry]));
      values_.push_back(levels[entry]);
      entries_.push_back(entry);
    }
    bounds_.push_back(std::numeric_limits<float>::infinity());
    const float range = values_.back() - values_.front();
    perUnit_ = range > std::numeric_limits<float>::min() * kCells ? kCells / range : 0.0f;
    const int last = static_cast<int>(values_.size()) - 1;
    int level = 0;
    for (int cell = 1; cell <= kCells + 1; ++cell) {
      // Looked up one cell early, against rounding at the cell's edge.
      while (level < last && values_[0] + (cell - 2) * (range / kCells) >= bounds_[level]) ++level;
      table_[cell] = static_cast<uint8_t>(level);
    }
  }

  /** Which of the different levels. */
  int operator()(float value) const {
    const float position = (value - values_[0]) * perUnit_;
    // Written so that NaN falls to the first cell.
    const int cell = position > 0.0f ? 1 + static_cast<int>(position < kCells ? position : float(kCells)) : 0;
    int level = table_[cell];
    const int last = static_cast<int>(values_.size()) - 1;
    while (level < last && value >= bounds_[level]) ++level;
    return level;
  }

  float value(int level) const { return values_[level]; }
  /** Where the level stood among all that were given. */
  int entry(int level) const { return entries_[level]; }
  int size() const { return static_cast<int>(values_.size()); }

 private:
  static constexpr int kCells = 1022;

  std::vector<float> values_, bounds_;
  std::vector<int> entries_;
  std::vector<uint8_t> table_;
  float perUnit_;
};

/** y = the nearest level of x, values from `begin` to `end`. */
inline void quantizeToLevels(const NearestLevel& nearest, const float* x, float* y, int64_t begin, int64_t end) {
  for (int64_t at = begin; at < end; ++at) y[at] = nearest.value(nearest(x[at]));
}

/** dx = dy between the outermost levels, 0 beyond; adds to `sums`, `kLevelSums` for each of the different levels. */
inline void passBetweenLevels(const NearestLevel& nearest, const float* dy, const float* x, float* dx, int64_t begin,
                              int64_t end, double* sums) {
  const float low = nearest.value(0), high = nearest.value(nearest.size() - 1);
  for (int64_t at = begin; at < end; ++at) {
    double* const of = sums + kLevelSums * nearest(x[at]);
    const double gradient = dy[at];
    of[kGradients] += gradient;
    of[kSquaredGradients] += gradient * gradient;
    of[kValues] += x[at];
    of[kCount] += 1;
    dx[at] = (x[at] >= low) & (x[at] <= high) ? dy[at] : 0.0f;
  }
}

}  // namespace bitwright
