#pragma once

#include <algorithm>

// One build serves every x86 processor: each of these functions exists in three versions, chosen when it is loaded.
#if defined(__x86_64__) && defined(__GNUC__)
#define VECTORIZED __attribute__((target_clones("avx512f", "avx2", "default"), noinline))
#else
#define VECTORIZED __attribute__((noinline))
#endif
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define RESTRICT __restrict__

/**
 * The inner loops of normalization. Each works on `length` values from the beginning of a period on; what belongs to a
 * channel repeats with the period. Sums take four periods at a time, which spares most of the loads and stores of the
 * sums themselves.
 */
namespace bitwright {

/** Values are cut off at both ends and rounded, half to even, to multiples of the step; a step of 0 does not round. */
struct Range {
  float low;
  float high;
  float step;
};

constexpr int kPeriodsAtOnce = 4;

/** Calls `four(begin)` while four periods are left, then `one(begin, columns)` for each of the rest. */
template <typename Four, typename One>
ALWAYS_INLINE void byPeriods(int length, int period, const Four& four, const One& one) {
  int begin = 0;
  for (; begin + kPeriodsAtOnce * period <= length; begin += kPeriodsAtOnce * period) four(begin);
  for (; begin < length; begin += period) one(begin, std::min(period, length - begin));
}

template <int Periods>
ALWAYS_INLINE void addMomentsOf(const float* RESTRICT x, int columns, int period, const float* RESTRICT origin,
                                float* RESTRICT sum, float* RESTRICT square) {
  for (int at = 0; at < columns; ++at) {
    float added = 0, squares = 0;
    for (int row = 0; row < Periods; ++row) {
      const float distance = x[row * period + at] - origin[at];
      added += distance;
      squares += distance * distance;
    }
    sum[at] += added;
    square[at] += squares;
  }
}

/** Adds distances to `origin`, and their squares. */
VECTORIZED inline void addMoments(const float* x, int length, int period, const float* origin, float* sum,
                                  float* square) {
  byPeriods(
      length, period,
      [&](int begin) { addMomentsOf<kPeriodsAtOnce>(x + begin, period, period, origin, sum, square); },
      [&](int begin, int columns) { addMomentsOf<1>(x + begin, columns, period, origin, sum, square); });
}

template <int Periods>
ALWAYS_INLINE void addGradientsOf(const float* RESTRICT dy, const float* RESTRICT x, int columns, int period,
                                  const float* RESTRICT factor, const float* RESTRICT offset,
                                  const float* RESTRICT mean, Range range, float* RESTRICT sum,
                                  float* RESTRICT product) {
  for (int at = 0; at < columns; ++at) {
    float added = 0, products = 0;
    for (int row = 0; row < Periods; ++row) {
      const float value = x[row * period + at];
      const float z = value * factor[at] + offset[at];
      const float inside = (z > range.low) & (z < range.high) ? dy[row * period + at] : 0.0f;
      added += inside;
      products += inside * (value - mean[at]);
    }
    sum[at] += added;
    product[at] += products;
  }
}

/** Adds the gradients that pass the range, and their products with the distance of x from its mean. */
VECTORIZED inline void addGradients(const float* dy, const float* x, int length, int period, const float* factor,
                                    const float* offset, const float* mean, Range range, float* sum,
                                    float* product) {
  byPeriods(
      length, period,
      [&](int begin) {
        addGradientsOf<kPeriodsAtOnce>(dy + begin, x + begin, period, period, factor, offset, mean, range, sum,
                                       product);
      },
      [&](int begin, int columns) {
        addGradientsOf<1>(dy + begin, x + begin, columns, period, factor, offset, mean, range, sum, product);
      });
}

ALWAYS_INLINE void addCutOffOf(const float* RESTRICT dy, const float* RESTRICT x, int columns,
                               const float* RESTRICT factor, const float* RESTRICT offset, Range range,
                               float* RESTRICT low, float* RESTRICT high) {
  for (int at = 0; at < columns; ++at) {
    const float z = x[at] * factor[at] + offset[at];
    low[at] += z <= range.low ? dy[at] : 0.0f;
    high[at] += z >= range.high ? dy[at] : 0.0f;
  }
}

/** Adds the gradients of what is cut off at either end. */
VECTORIZED inline void addCutOff(const float* dy, const float* x, int length, int period, const float* factor,
                                 const float* offset, Range range, float* low, float* high) {
  for (int begin = 0; begin < length; begin += period) {
    addCutOffOf(dy + begin, x + begin, std::min(period, length - begin), factor, offset, range, low, high);
  }
}

ALWAYS_INLINE void normalizeOf(const float* RESTRICT x, int columns, const float* RESTRICT factor,
                               const float* RESTRICT offset, Range range, float* RESTRICT y) {
  for (int at = 0; at < columns; ++at) {
    const float z = x[at] * factor[at] + offset[at];
    y[at] = std::min(std::max(z, range.low), range.high);
  }
}

/** y = factor x + offset, cut off. */
VECTORIZED inline void normalizeValues(const float* x, int length, int period, const float* factor,
                                       const float* offset, Range range, float* y) {
  for (int begin = 0; begin < length; begin += period) {
    normalizeOf(x + begin, std::min(period, length - begin), factor, offset, range, y + begin);
  }
}

/** Rounds to multiples of the step. */
VECTORIZED inline void roundValues(float* y, int length, float step) {
  // Adding and taking away 1.5 * 2^23 rounds half to even whatever has less than 22 bits, which codes do.
  constexpr float kRounding = 12582912.0f;
  const float inverse = 1.0f / step;
  for (int at = 0; at < length; ++at) y[at] = (y[at] * inverse + kRounding - kRounding) * step;
}

ALWAYS_INLINE void inputGradientOf(const float* dy, const float* RESTRICT x, int columns,
                                   const float* RESTRICT factor, const float* RESTRICT offset, Range range,
                                   const float* RESTRICT ofInput, const float* RESTRICT constant, float* dx) {
#pragma GCC ivdep
  for (int at = 0; at < columns; ++at) {
    const float z = x[at] * factor[at] + offset[at];
    const float inside = (z > range.low) & (z < range.high) ? dy[at] : 0.0f;
    dx[at] = factor[at] * inside + (x[at] * ofInput[at] + constant[at]);
  }
}

/** dx = factor g + ofInput x + constant, where g is dy inside the range. dx may be dy. */
VECTORIZED inline void inputGradientValues(const float* dy, const float* x, int length, int period,
                                           const float* factor, const float* offset, Range range,
                                           const float* ofInput, const float* constant, float* dx) {
  for (int begin = 0; begin < length; begin += period) {
    inputGradientOf(dy + begin, x + begin, std::min(period, length - begin), factor, offset, range, ofInput, constant,
                    dx + begin);
  }
}

}  // namespace bitwright
