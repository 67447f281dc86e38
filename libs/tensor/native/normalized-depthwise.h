#pragma once

#include "depthwise-rows.h"
#include "normalization.h"

/**
 * A depthwise convolution (one output per channel) of a normalized tensor, which is never written: its rows are
 * normalized when they are needed, while they are in the processor's cache. Over the memory, forwards: read for the
 * statistics, read again, write the smaller output. TensorFlow's kernels write and read the normalized tensor besides.
 */
namespace bitwright {

struct Depthwise {
  int64_t batch;
  int channels;
  int inputHeight, inputWidth;
  int outputHeight, outputWidth;
  int kernelHeight, kernelWidth;
  int strideHeight, strideWidth;
  int padTop, padLeft;

  int64_t inputRow() const { return static_cast<int64_t>(inputWidth) * channels; }
  int64_t outputRow() const { return static_cast<int64_t>(outputWidth) * channels; }
  int weights() const { return kernelHeight * kernelWidth * channels; }
};

/** The last few rows made, each kept until `height` others follow; what lies around a row stays 0. */
class RowBuffer {
 public:
  RowBuffer(int height, int64_t length) : rows_(height, std::vector<float>(length)), held_(height, -1) {}

  /** Row `index` of all rows, made by `fill` unless it is there. */
  template <typename Fill>
  const float* row(int64_t index, const Fill& fill) {
    const size_t slot = static_cast<size_t>(index % static_cast<int64_t>(rows_.size()));
    if (held_[slot] != index) fill(rows_[slot].data());
    held_[slot] = index;
    return rows_[slot].data();
  }

 private:
  std::vector<std::vector<float>> rows_;
  std::vector<int64_t> held_;
};

inline void normalizeRow(const Normalization& by, const float* x, int length, float* y) {
  normalizeValues(x, length, by.layout.period(), by.factor.data(), by.offset.data(), by.range, y);
  if (by.range.step > 0) roundValues(y, length, by.range.step);
}

inline void convolveNormalized(const Depthwise& of, const Normalization& by, const float* x, const float* weight,
                               float* y, ThreadPool& threads) {
  const int parts = threads.size();
  const int64_t rows = of.batch * of.outputHeight;
  const int columnsUnder = (of.outputWidth - 1) * of.strideWidth + of.kernelWidth;
  const int64_t padded = std::max<int64_t>(columnsUnder, of.padLeft + of.inputWidth) * of.channels;
  threads.run([&](int part) {
    RowBuffer normalized(of.kernelHeight, padded);
    std::vector<const float*> under(of.kernelHeight);
    for (int64_t row = rows * part / parts; row < rows * (part + 1) / parts; ++row) {
      const int64_t image = row / of.outputHeight;
      for (int kernelRow = 0; kernelRow < of.kernelHeight; ++kernelRow) {
        const int64_t inputRow = row % of.outputHeight * of.strideHeight - of.padTop + kernelRow;
        const int64_t index = image * of.inputHeight + inputRow;
        const bool isInside = inputRow >= 0 && inputRow < of.inputHeight;
        under[kernelRow] = !isInside ? nullptr : normalized.row(index, [&](float* into) {
          normalizeRow(by, x + index * of.inputRow(), static_cast<int>(of.inputRow()),
                       into + of.padLeft * of.channels);
        });
      }
      convolveRow(under.data(), of.kernelHeight, of.kernelWidth, weight, of.channels, of.outputWidth,
                  of.strideWidth * of.channels, y + row * of.outputRow());
    }
  });
}

/** Writes a row of the output's gradient to the columns of the input that lie under its windows' first taps. */
inline void spreadRow(const Depthwise& of, const float* dy, float* into) {
  for (int column = 0; column < of.outputWidth; ++column) {
    const int64_t at = static_cast<int64_t>(column) * of.strideWidth - of.padLeft + of.kernelWidth - 1;
    if (at < 0 || at >= of.inputWidth + of.kernelWidth - 1) continue;
    std::copy(dy + column * of.channels, dy + (column + 1) * of.channels, into + at * of.channels);
  }
}

struct DepthwiseGradients {
  Gradients normalization;
  std::vector<double> weight;
};

/**
 * One thread's rows: writes the gradient of the normalized tensor to `g` and sums up the others. A row is normalized
 * again rather than kept from the forward pass.
 */
inline DepthwiseGradients partOfDepthwiseGradients(const Depthwise& of, const Normalization& by, const float* dy,
                                                   const float* x, const float* weight, bool ofRange, float* g,
                                                   int part, int parts) {
  const int64_t rows = of.batch * of.inputHeight;
  const int length = static_cast<int>(of.inputRow());
  DepthwiseGradients own{emptyGradients(by.layout), std::vector<double>(of.weights())};
  GradientSums sums(by, ofRange);
  RowBuffer spread(of.kernelHeight, (of.inputWidth + of.kernelWidth - 1) * static_cast<int64_t>(of.channels));
  std::vector<const float*> above(of.kernelHeight);
  std::vector<float> normalized(length), ofWeight(of.weights());
  for (int64_t row = rows * part / parts; row < rows * (part + 1) / parts; ++row) {
    const int64_t image = row / of.inputHeight;
    for (int kernelRow = 0; kernelRow < of.kernelHeight; ++kernelRow) {
      const int64_t distance = row % of.inputHeight + of.padTop - kernelRow;
      const int64_t index = image * of.outputHeight + distance / of.strideHeight;
      const bool hasPart =
          distance >= 0 && distance % of.strideHeight == 0 && distance / of.strideHeight < of.outputHeight;
      above[kernelRow] =
          !hasPart ? nullptr
                   : spread.row(index, [&](float* into) { spreadRow(of, dy + index * of.outputRow(), into); });
    }
    const float* const values = x + row * of.inputRow();
    float* const into = g + row * of.inputRow();
    normalizeRow(by, values, length, normalized.data());
    gradientRow(above.data(), of.kernelHeight, of.kernelWidth, weight, normalized.data(), of.channels, of.inputWidth,
                into, ofWeight.data());
    for (int at = 0; at < of.weights(); ++at) own.weight[at] += ofWeight[at];
    std::fill(ofWeight.begin(), ofWeight.end(), 0.0f);
    sums.add(into, values, length, own.normalization);
  }
  return own;
}

/** Writes dx and gives the gradients of weight, scale, shift and, if asked for, the ends of the range. */
inline DepthwiseGradients normalizedDepthwiseGradients(const Depthwise& of, const Normalization& by, const float* dy,
                                                       const float* x, const float* weight, bool ofRange, float* dx,
                                                       ThreadPool& threads) {
  const int parts = threads.size();
  std::vector<DepthwiseGradients> found(parts);
  threads.run([&](int part) {
    found[part] = partOfDepthwiseGradients(of, by, dy, x, weight, ofRange, dx, part, parts);
  });
  std::vector<Gradients> normalizations;
  for (const DepthwiseGradients& part : found) normalizations.push_back(part.normalization);
  DepthwiseGradients total{totalOf(by, normalizations), std::vector<double>(of.weights())};
  for (const DepthwiseGradients& part : found) {
    for (int at = 0; at < of.weights(); ++at) total.weight[at] += part.weight[at];
  }
  inputGradient(by, dx, x, total.normalization, dx, threads);
  return total;
}

}  // namespace bitwright
