#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "row-loops.h"
#include "thread-pool.h"

/**
 * Batch normalization by the batch's own statistics with what follows it: z = scale (x - mean) / deviation + shift,
 * where deviation is sqrt(variance + epsilon), and y = z inside a range and rounded. A rectifier is the range
 * [0, inf), a ReLU6 [0, 6], an unsigned quantizer [0, clip] with a step.
 *
 * Tensors are row-major with the channel last. TensorFlow's own normalization, rectifier and quantizer go over the
 * memory seven times forwards and eight times backwards; this two and two times.
 */
namespace bitwright {

/** A tensor as rows of channels. A period is so many whole rows that loops over it are not short. */
struct Layout {
  int64_t rows;
  int channels;

  int period() const { return std::max(1, 64 / channels) * channels; }

  /** The first row of a part; parts differ by one row at most. */
  int64_t begin(int part, int parts) const { return rows * part / parts; }

  std::vector<float> repeat(const float* perChannel) const {
    std::vector<float> values(period());
    for (int at = 0; at < period(); ++at) values[at] = perChannel[at % channels];
    return values;
  }

  /** Moves sums over a period to sums per channel. */
  void drain(std::vector<float>& sums, std::vector<double>& perChannel) const {
    for (int at = 0; at < period(); ++at) perChannel[at % channels] += sums[at];
    std::fill(sums.begin(), sums.end(), 0.0f);
  }
};

/** What is summed in single precision before it goes to double sums; it stays in the processor's nearest cache. */
constexpr int64_t kPeriodsInBlock = 32;

/** Calls `body(offset, length)` for blocks of the part's values, each from the beginning of a period on. */
template <typename Body>
void forEachBlock(const Layout& layout, int part, int parts, const Body& body) {
  const int64_t end = layout.begin(part + 1, parts) * layout.channels;
  const int64_t block = kPeriodsInBlock * layout.period();
  for (int64_t offset = layout.begin(part, parts) * layout.channels; offset < end; offset += block) {
    body(offset, static_cast<int>(std::min(block, end - offset)));
  }
}

/** Per channel; the variance is the biased one, by which a batch is normalized. */
struct Statistics {
  std::vector<double> mean;
  std::vector<double> variance;
};

/** Sums distances to the first row, so that a large mean costs no precision. Parts add up in their order. */
inline Statistics batchStatistics(const float* x, const Layout& layout, ThreadPool& threads) {
  const int parts = threads.size();
  const std::vector<float> origin = layout.repeat(x);
  std::vector<std::vector<double>> sums(parts, std::vector<double>(layout.channels));
  std::vector<std::vector<double>> squares(parts, std::vector<double>(layout.channels));
  threads.run([&](int part) {
    std::vector<float> sum(layout.period()), square(layout.period());
    forEachBlock(layout, part, parts, [&](int64_t offset, int length) {
      addMoments(x + offset, length, layout.period(), origin.data(), sum.data(), square.data());
      layout.drain(sum, sums[part]);
      layout.drain(square, squares[part]);
    });
  });
  Statistics statistics{std::vector<double>(layout.channels), std::vector<double>(layout.channels)};
  for (int channel = 0; channel < layout.channels; ++channel) {
    double sum = 0, square = 0;
    for (int part = 0; part < parts; ++part) {
      sum += sums[part][channel];
      square += squares[part][channel];
    }
    const double distance = sum / layout.rows;
    statistics.mean[channel] = origin[channel] + distance;
    statistics.variance[channel] = std::max(0.0, square / layout.rows - distance * distance);
  }
  return statistics;
}

/** A normalization whose statistics are known: z = factor x + offset, over a period. */
struct Normalization {
  Layout layout;
  const float* mean;
  const float* deviation;
  Range range;
  std::vector<float> factor;
  std::vector<float> offset;

  Normalization(const Layout& layout, const float* scale, const float* shift, const float* mean,
                const float* deviation, Range range)
      : layout(layout), mean(mean), deviation(deviation), range(range) {
    std::vector<float> factors(layout.channels), offsets(layout.channels);
    for (int channel = 0; channel < layout.channels; ++channel) {
      factors[channel] = scale[channel] / deviation[channel];
      offsets[channel] = shift[channel] - mean[channel] * factors[channel];
    }
    factor = layout.repeat(factors.data());
    offset = layout.repeat(offsets.data());
  }
};

inline void normalize(const Normalization& by, const float* x, float* y, ThreadPool& threads) {
  threads.run([&](int part) {
    forEachBlock(by.layout, part, threads.size(), [&](int64_t offset, int length) {
      const int period = by.layout.period();
      normalizeValues(x + offset, length, period, by.factor.data(), by.offset.data(), by.range, y + offset);
      if (by.range.step > 0) roundValues(y + offset, length, by.range.step);
    });
  });
}

/** Of scale and shift per channel, and of the ends of the range: sums of the gradients of what was cut off there. */
struct Gradients {
  std::vector<double> scale;
  std::vector<double> shift;
  double low = 0;
  double high = 0;
};

inline Gradients emptyGradients(const Layout& layout) {
  return {std::vector<double>(layout.channels), std::vector<double>(layout.channels)};
}

/** Adds up one thread's gradients, in single precision over a few rows and in double precision over all. */
class GradientSums {
 public:
  GradientSums(const Normalization& by, bool ofRange)
      : by_(by), ofRange_(ofRange), mean_(by.layout.repeat(by.mean)), sum_(mean_.size()), product_(mean_.size()),
        low_(mean_.size()), high_(mean_.size()) {}

  /** `length` values from the beginning of a row on. */
  void add(const float* dy, const float* x, int length, Gradients& total) {
    const int period = by_.layout.period();
    const float *factor = by_.factor.data(), *offset = by_.offset.data();
    addGradients(dy, x, length, period, factor, offset, mean_.data(), by_.range, sum_.data(), product_.data());
    by_.layout.drain(sum_, total.shift);
    by_.layout.drain(product_, total.scale);
    if (!ofRange_) return;
    addCutOff(dy, x, length, period, factor, offset, by_.range, low_.data(), high_.data());
    for (float& value : low_) total.low += std::exchange(value, 0.0f);
    for (float& value : high_) total.high += std::exchange(value, 0.0f);
  }

 private:
  const Normalization& by_;
  const bool ofRange_;
  const std::vector<float> mean_;
  std::vector<float> sum_, product_, low_, high_;
};

/** Of all threads, in their order. */
inline Gradients totalOf(const Normalization& by, const std::vector<Gradients>& parts) {
  Gradients total = emptyGradients(by.layout);
  for (const Gradients& part : parts) {
    for (int channel = 0; channel < by.layout.channels; ++channel) {
      total.scale[channel] += part.scale[channel] / by.deviation[channel];
      total.shift[channel] += part.shift[channel];
    }
    total.low += part.low;
    total.high += part.high;
  }
  return total;
}

/** Rounding lets the gradient pass. Those of the range are 0 unless asked for. */
inline Gradients parameterGradients(const Normalization& by, const float* dy, const float* x, bool ofRange,
                                    ThreadPool& threads) {
  std::vector<Gradients> found(threads.size(), emptyGradients(by.layout));
  threads.run([&](int part) {
    GradientSums sums(by, ofRange);
    forEachBlock(by.layout, part, threads.size(), [&](int64_t begin, int length) {
      sums.add(dy + begin, x + begin, length, found[part]);
    });
  });
  return totalOf(by, found);
}

/** dx = factor (g - mean(g) - n mean(g n)), where g is dy inside the range and n the normalized x. dx may be dy. */
inline void inputGradient(const Normalization& by, const float* dy, const float* x, const Gradients& gradients,
                          float* dx, ThreadPool& threads) {
  const Layout& layout = by.layout;
  std::vector<float> ofInputs(layout.channels), constants(layout.channels);
  for (int channel = 0; channel < layout.channels; ++channel) {
    const double factor = by.factor[channel];
    const double ofInput = -factor * gradients.scale[channel] / by.deviation[channel] / layout.rows;
    ofInputs[channel] = static_cast<float>(ofInput);
    constants[channel] =
        static_cast<float>(-factor * gradients.shift[channel] / layout.rows - by.mean[channel] * ofInput);
  }
  const std::vector<float> ofInput = layout.repeat(ofInputs.data());
  const std::vector<float> constant = layout.repeat(constants.data());
  threads.run([&](int part) {
    forEachBlock(layout, part, threads.size(), [&](int64_t offset, int length) {
      inputGradientValues(dy + offset, x + offset, length, layout.period(), by.factor.data(), by.offset.data(),
                          by.range, ofInput.data(), constant.data(), dx + offset);
    });
  });
}

}  // namespace bitwright
