// The networks whose features LPIPS compares, as data: layers, which of their maps are compared, and the file with their weights.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace wan::metrics::perceptual {

// A convolution with bias and ReLU; square filters.
struct Layer {
  std::int64_t in, out, side, stride, padding;
  bool pool_before;  // maximum over windows, stride 2
  bool compared;     // one of LPIPS's maps
  std::int64_t side_after(std::int64_t side_before) const { return (side_before + 2 * padding - side) / stride + 1; }
};

struct Trunk {
  std::string_view id;       // of the metric, lpips.alex
  std::string_view network;  // in words
  std::string_view file;     // in the data folder: conv<i>.weight, conv<i>.bias of each layer, lin<k>.weight of each compared one
  int version;               // of the arithmetic, for all metrics on these features
  std::span<const Layer> layers;
  std::int64_t pool_side;
  std::int64_t smallest_side;  // of a frame; below, the last map is empty

  std::int64_t pooled_side(std::int64_t side_before) const { return (side_before - pool_side) / 2 + 1; }
  // Floats of the compared maps of one frame.
  std::int64_t feature_floats(std::int64_t height, std::int64_t width) const;
};

// torchvision's AlexNet and VGG16 (ImageNet, IMAGENET1K_V1) with the linear layers of LPIPS v0.1.
extern const Trunk kAlexNet, kVgg16;

}  // namespace wan::metrics::perceptual
