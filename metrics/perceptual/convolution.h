// One convolution with bias and ReLU on maps [height, width, channels] of one size, its weights prepared once. A layer of stride 1 on a map
// of many tiles runs by Winograd's algorithm, the rest as products over windows. It runs on the caller's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "metrics/kernels/simd.h"
#include "metrics/perceptual/trunk.h"

namespace wan::metrics::perceptual {

struct FeatureMap {
  std::size_t height = 0, width = 0, channels = 0;
  std::unique_ptr<float[]> values = {};  // [height, width, channels]

  static FeatureMap of(std::size_t height, std::size_t width, std::size_t channels);  // values not set
  std::size_t positions() const { return height * width; }
};

// Memory that one thread's convolutions use again and again.
class Scratch {
 public:
  // At least `floats` numbers, of any value; the last call's with this number are gone.
  float* get(std::size_t which, std::size_t floats);

 private:
  struct Block {
    std::unique_ptr<float[]> values = {};
    std::size_t floats = 0;
  };
  Block blocks_[3];
};

// Scratches for threads that come and go: as many are made as are in use at once.
class ScratchPool {
 public:
  std::unique_ptr<Scratch> take();
  void give_back(std::unique_ptr<Scratch> scratch);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Scratch>> idle_;
};

class Convolution {
 public:
  // kernel [out, in, side, side], bias [out]; out a multiple of 16. Height and width are the input's.
  Convolution(const Layer& layer, const std::vector<float>& kernel, std::vector<float> bias, std::size_t height, std::size_t width);
  FeatureMap run(const FeatureMap& input, Scratch& scratch, Simd simd) const;
  std::size_t bytes() const { return (panels_.size() + bias_.size()) * sizeof(float); }

 private:
  FeatureMap run_windows(const FeatureMap& input, Scratch& scratch, Simd simd) const;
  FeatureMap run_tiles(const FeatureMap& input, Scratch& scratch, Simd simd) const;

  const Layer layer_;
  const bool tiled_;
  const std::vector<float> panels_;  // [36] of [in][out] if tiled, else of [side * side * in][out]
  const std::vector<float> bias_;
};

}  // namespace wan::metrics::perceptual
