#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "row-loops.h"

/** Quantization to the nearest of up to 256 levels: the method behind `BitwrightNearestLevel`. */
namespace bitwright {

/** What one level was given: sums over the values that are nearest to it. */
enum LevelSum { kGradients, kSquaredGradients, kValues, kCount, kLevelSums };

/** Values looked at together, so that their codes stay in the nearest memory. */
constexpr int kChunk = 1024;

/**
 * Finds nearest levels through a table over their range: each cell names the first level that reaches into it, and from
 * there as many comparisons follow as the fullest cell needs, mostly one. Half way goes to the upper level, NaN to the
 * lowest. Of equal levels only the first is ever found; one below its predecessor, by rounding, counts as equal to it.
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
    fillTable();
  }

  /**
   * Which of the different levels each of `length` values is nearest to. Not in versions for newer processors: their
   * gather instructions are several times slower than single loads where microcode guards them.
   */
  void find(const float* RESTRICT x, int length, int32_t* RESTRICT codes) const {
    const float first = values_.front(), perUnit = perUnit_;
    const int32_t* RESTRICT table = table_.data();
    const float* RESTRICT bounds = bounds_.data();
    for (int at = 0; at < length; ++at) {
      const float position = (x[at] - first) * perUnit;
      // Written so that NaN falls to the first cell.
      const float inside = position > 0.0f ? position : -1.0f;
      codes[at] = table[static_cast<int32_t>((inside < kCells ? inside : float(kCells)) + 1.0f)];
    }
    for (int step = 0; step < depth_; ++step) {
      for (int at = 0; at < length; ++at) codes[at] += x[at] >= bounds[codes[at]] ? 1 : 0;
    }
  }

  const float* values() const { return values_.data(); }
  /** Where the level stood among all that were given. */
  int entry(int level) const { return entries_[level]; }
  int size() const { return static_cast<int>(values_.size()); }

 private:
  static constexpr int kCells = 1022;

  void fillTable() {
    const float range = values_.back() - values_.front();
    perUnit_ = range > std::numeric_limits<float>::min() * kCells ? kCells / range : 0.0f;
    // Looked up one cell early and one late, against rounding at the cells' edges.
    const auto levelAt = [&](int cell, int from) {
      const float edge = values_[0] + (cell - 1) * (range / kCells);
      while (edge >= bounds_[from]) ++from;
      return from;
    };
    int first = 0, last = 0;
    for (int cell = 0; cell <= kCells + 1; ++cell) {
      first = cell == 0 ? 0 : levelAt(cell - 1, first);
      last = cell == kCells + 1 ? size() - 1 : levelAt(cell + 2, last);
      table_[cell] = first;
      depth_ = std::max(depth_, last - first);
    }
  }

  std::vector<float> values_, bounds_;
  std::vector<int> entries_;
  std::vector<int32_t> table_;
  int depth_ = 0;
  float perUnit_ = 0;
};

inline void gatherLevels(const float* RESTRICT levels, const int32_t* RESTRICT codes, int length,
                                    float* RESTRICT y) {
  for (int at = 0; at < length; ++at) y[at] = levels[codes[at]];
}

VECTORIZED inline void passBetween(float low, float high, const float* dy, const float* RESTRICT x, int length,
                                   float* dx) {
#pragma GCC ivdep
  for (int at = 0; at < length; ++at) dx[at] = (x[at] >= low) & (x[at] <= high) ? dy[at] : 0.0f;
}

/** y = the nearest level of x, values from `begin` to `end`. */
inline void quantizeToLevels(const NearestLevel& nearest, const float* x, float* y, int64_t begin, int64_t end) {
  int32_t codes[kChunk];
  for (int64_t at = begin; at < end; at += kChunk) {
    const int length = static_cast<int>(std::min<int64_t>(kChunk, end - at));
    nearest.find(x + at, length, codes);
    gatherLevels(nearest.values(), codes, length, y + at);
  }
}

/** The sums of a chunk, in turns: neighbours often have the same level, and would wait for each other's sums. */
class ChunkSums {
 public:
  explicit ChunkSums(int levels) : sums_(static_cast<size_t>(levels) * kTurns) {}

  void add(const float* dy, const float* x, const int32_t* codes, int length) {
    for (int at = 0; at < length; ++at) {
      const float gradient = dy[at];
      const Sums value = {gradient, gradient * gradient, x[at], 1.0f};
      sums_[codes[at] * kTurns + at % kTurns] += value;
    }
  }

  /** Adds them to `totals`, `kLevelSums` for each level, and begins anew. */
  void moveTo(double* totals) {
    for (size_t at = 0; at < sums_.size(); ++at) {
      for (int kind = 0; kind < kLevelSums; ++kind) totals[at / kTurns * kLevelSums + kind] += sums_[at][kind];
      sums_[at] = Sums{};
    }
  }

 private:
  static constexpr int kTurns = 4;
  typedef float Sums __attribute__((vector_size(kLevelSums * sizeof(float))));

  std::vector<Sums> sums_;

};

/** Chunks whose sums are kept in single precision. */
constexpr int kChunksAtOnce = 16;

/** dx = dy between the outermost levels, 0 beyond; adds to `sums`, `kLevelSums` for each of the different levels. */
inline void passBetweenLevels(const NearestLevel& nearest, const float* dy, const float* x, float* dx, int64_t begin,
                              int64_t end, double* sums) {
  const float low = nearest.values()[0], high = nearest.values()[nearest.size() - 1];
  int32_t codes[kChunk];
  ChunkSums chunkSums(nearest.size());
  int chunks = 0;
  for (int64_t at = begin; at < end; at += kChunk) {
    const int length = static_cast<int>(std::min<int64_t>(kChunk, end - at));
    nearest.find(x + at, length, codes);
    chunkSums.add(dy + at, x + at, codes, length);
    passBetween(low, high, dy + at, x + at, length, dx + at);
    if (++chunks % kChunksAtOnce == 0) chunkSums.moveTo(sums);
  }
  chunkSums.moveTo(sums);
}

}  // namespace bitwright
