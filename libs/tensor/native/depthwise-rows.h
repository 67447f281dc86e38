#pragma once

#include "row-loops.h"

/** The inner loops of depthwise convolution: one row at a time, a few channels in registers over all its columns. */
namespace bitwright {

template <int Width>
struct Channels {
  typedef float Block __attribute__((vector_size(Width * sizeof(float))));

  static ALWAYS_INLINE Block load(const float* from) {
    Block block;
    __builtin_memcpy(&block, from, sizeof(Block));
    return block;
  }

  static ALWAYS_INLINE void store(float* to, Block block) { __builtin_memcpy(to, &block, sizeof(Block)); }
};

/** Channels that a block may have; an image with fewer than the least has no kernel here. */
constexpr int kLargeBlock = 16;
constexpr int kSmallBlock = 8;

/**
 * One row of output from the rows under it, `rows[0 .. kernelHeight)`, each with its padding; null where the window is
 * outside. Columns are `step` values apart in the input. The last block of channels overlaps the one before it where
 * they do not divide, and computes the same again.
 */
template <int Width, int Taps>
ALWAYS_INLINE void convolveRowOf(const float* const* rows, int kernelHeight, const float* weight, int channels,
                                 int columns, int step, float* y) {
  using Lane = Channels<Width>;
  for (int next = 0; next < channels; next += Width) {
    const int channel = std::min(next, channels - Width);
    bool first = true;
    for (int kernelRow = 0; kernelRow < kernelHeight; ++kernelRow) {
      if (rows[kernelRow] == nullptr) continue;
      typename Lane::Block taps[Taps];
      for (int tap = 0; tap < Taps; ++tap) {
        taps[tap] = Lane::load(weight + (kernelRow * Taps + tap) * channels + channel);
      }
      const float* x = rows[kernelRow] + channel;
      float* out = y + channel;
      for (int column = 0; column < columns; ++column, x += step, out += channels) {
        typename Lane::Block sum = {};
        if (!first) sum = Lane::load(out);
        for (int tap = 0; tap < Taps; ++tap) sum += Lane::load(x + tap * channels) * taps[tap];
        Lane::store(out, sum);
      }
      first = false;
    }
  }
}

/**
 * One row of the input's gradient `g`, and what the row `y` of the input adds to the weight's gradient, from the rows of
 * the output's gradient that it had a part in: `rows[kernelRow]`, spread to the columns of the input with `Taps - 1`
 * zeros or neighbours before it; null where there is none.
 */
template <int Width, int Taps>
ALWAYS_INLINE void gradientRowOf(const float* const* rows, int kernelHeight, const float* weight, const float* y,
                                 int channels, int columns, float* g, float* ofWeight) {
  using Lane = Channels<Width>;
  for (int next = 0; next < channels; next += Width) {
    const int channel = std::min(next, channels - Width);
    bool first = true;
    for (int kernelRow = 0; kernelRow < kernelHeight; ++kernelRow) {
      if (rows[kernelRow] == nullptr) continue;
      typename Lane::Block taps[Taps], sums[Taps] = {};
      for (int tap = 0; tap < Taps; ++tap) {
        taps[tap] = Lane::load(weight + (kernelRow * Taps + tap) * channels + channel);
      }
      const float* dy = rows[kernelRow] + (Taps - 1) * channels + channel;
      const float* value = y + channel;
      float* out = g + channel;
      for (int column = 0; column < columns; ++column, dy += channels, value += channels, out += channels) {
        const typename Lane::Block input = Lane::load(value);
        typename Lane::Block sum = {};
        if (!first) sum = Lane::load(out);
        for (int tap = 0; tap < Taps; ++tap) {
          const typename Lane::Block gradient = Lane::load(dy - tap * channels);
          sum += gradient * taps[tap];
          sums[tap] += gradient * input;
        }
        Lane::store(out, sum);
      }
      for (int tap = 0; tap < Taps; ++tap) {
        float* total = ofWeight + (kernelRow * Taps + tap) * channels + channel;
        // What overlaps the block before it has been counted there.
        for (int lane = next - channel; lane < Width; ++lane) total[lane] += sums[tap][lane];
      }
      first = false;
    }
    if (!first) continue;
    for (int column = 0; column < columns; ++column) {
      std::fill_n(g + column * channels + channel, Width, 0.0f);
    }
  }
}

/** Whether there are loops for a kernel so wide and so many channels. */
inline bool hasDepthwiseRows(int kernelWidth, int channels) {
  return (kernelWidth == 3 || kernelWidth == 5) && channels >= kSmallBlock;
}

VECTORIZED inline void convolveRow(const float* const* rows, int kernelHeight, int kernelWidth, const float* weight,
                                   int channels, int columns, int step, float* y) {
  if (channels >= kLargeBlock) {
    if (kernelWidth == 3) convolveRowOf<kLargeBlock, 3>(rows, kernelHeight, weight, channels, columns, step, y);
    if (kernelWidth == 5) convolveRowOf<kLargeBlock, 5>(rows, kernelHeight, weight, channels, columns, step, y);
  } else {
    if (kernelWidth == 3) convolveRowOf<kSmallBlock, 3>(rows, kernelHeight, weight, channels, columns, step, y);
    if (kernelWidth == 5) convolveRowOf<kSmallBlock, 5>(rows, kernelHeight, weight, channels, columns, step, y);
  }
}

VECTORIZED inline void gradientRow(const float* const* rows, int kernelHeight, int kernelWidth, const float* weight,
                                   const float* y, int channels, int columns, float* g, float* ofWeight) {
  if (channels >= kLargeBlock) {
    if (kernelWidth == 3) gradientRowOf<kLargeBlock, 3>(rows, kernelHeight, weight, y, channels, columns, g, ofWeight);
    if (kernelWidth == 5) gradientRowOf<kLargeBlock, 5>(rows, kernelHeight, weight, y, channels, columns, g, ofWeight);
  } else {
    if (kernelWidth == 3) gradientRowOf<kSmallBlock, 3>(rows, kernelHeight, weight, y, channels, columns, g, ofWeight);
    if (kernelWidth == 5) gradientRowOf<kSmallBlock, 5>(rows, kernelHeight, weight, y, channels, columns, g, ofWeight);
  }
}

}  // namespace bitwright
