#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "row-loops.h"

/** Quantization to the nearest of up to 256 levels: the method behind `BitwrightNearestLevel`. */
namespace bitwright {

/** What one level was given: sums over the values that are nearest to it. */
enum LevelSum { kGradients, kSquaredGradients, kValues, kCount, kLevelSums };

/** Values looked at together, so that they and their codes stay in the nearest memory. */
constexpr int kChunk = 1024;

/** Bounds compared in one pass over a chunk, from registers. */
constexpr int kBoundsAtOnce = 5;

template <int Bounds>
ALWAYS_INLINE void countReachedOf(const float* RESTRICT x, int length, const float* RESTRICT bounds,
                                  int32_t* RESTRICT codes) {
  for (int at = 0; at < length; ++at) {
    int32_t reached = 0;
    for (int bound = 0; bound < Bounds; ++bound) reached += x[at] >= bounds[bound] ? 1 : 0;
    codes[at] += reached;
  }
}

/** codes = how many of the bounds each value reaches. */
VECTORIZED inline void countReached(const float* x, int length, const float* bounds, int count, int32_t* codes) {
  std::fill_n(codes, length, 0);
  int bound = 0;
  for (; bound + kBoundsAtOnce <= count; bound += kBoundsAtOnce) {
    countReachedOf<kBoundsAtOnce>(x, length, bounds + bound, codes);
  }
  for (; bound < count; ++bound) countReachedOf<1>(x, length, bounds + bound, codes);
}

/**
 * Nearest levels by comparing each value with every bound between two levels, several values at a time: for 16 levels
 * that takes an eighth of the time of a look-up, for 256 about as long. Half way goes to the upper level, NaN to the
 * lowest. Of equal levels only the first is ever found; one below its predecessor, by rounding, counts as equal to it.
 */
class NearestLevel {
 public:
  NearestLevel(const float* levels, int count) {
    for (int entry = 0; entry < count; ++entry) {
      if (entry > 0 && levels[entry] <= values_.back()) continue;
      if (entry > 0) bounds_.push_back(0.5f * (values_.back() + levels[entry]));
      values_.push_back(levels[entry]);
      entries_.push_back(entry);
    }
  }

  /** Which of the different levels each of `length` values is nearest to. */
  void find(const float* x, int length, int32_t* codes) const {
    countReached(x, length, bounds_.data(), static_cast<int>(bounds_.size()), codes);
  }

  const float* values() const { return values_.data(); }
  /** Where the level stood among all that were given. */
  int entry(int level) const { return entries_[level]; }
  int size() const { return static_cast<int>(values_.size()); }

 private:
  std::vector<float> values_, bounds_;
  std::vector<int> entries_;
};

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
    for (int value = 0; value < length; ++value) y[at + value] = nearest.values()[codes[value]];
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
