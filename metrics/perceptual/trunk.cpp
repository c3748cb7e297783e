#include "metrics/perceptual/trunk.h"

namespace wan::metrics::perceptual {
namespace {

constexpr Layer kAlexNetLayers[]{{3, 64, 11, 4, 2, false, true},
                                 {64, 192, 5, 1, 2, true, true},
                                 {192, 384, 3, 1, 1, true, true},
                                 {384, 256, 3, 1, 1, false, true},
                                 {256, 256, 3, 1, 1, false, true}};

constexpr Layer kVgg16Layers[]{{3, 64, 3, 1, 1, false, false},   {64, 64, 3, 1, 1, false, true},   {64, 128, 3, 1, 1, true, false},
                               {128, 128, 3, 1, 1, false, true}, {128, 256, 3, 1, 1, true, false}, {256, 256, 3, 1, 1, false, false},
                               {256, 256, 3, 1, 1, false, true}, {256, 512, 3, 1, 1, true, false}, {512, 512, 3, 1, 1, false, false},
                               {512, 512, 3, 1, 1, false, true}, {512, 512, 3, 1, 1, true, false}, {512, 512, 3, 1, 1, false, false},
                               {512, 512, 3, 1, 1, false, true}};

}  // namespace

const Trunk kAlexNet{.id = "lpips.alex",
                     .network = "AlexNet",
                     .file = "lpips_alex.safetensors",
                     .version = 2,
                     .layers = kAlexNetLayers,
                     .pool_side = 3,
                     .smallest_side = 32};

const Trunk kVgg16{.id = "lpips.vgg",
                   .network = "VGG16",
                   .file = "lpips_vgg.safetensors",
                   .version = 1,
                   .layers = kVgg16Layers,
                   .pool_side = 2,
                   .smallest_side = 16};

std::int64_t Trunk::feature_floats(std::int64_t height, std::int64_t width) const {
  std::int64_t floats = 0;
  for (const Layer& layer : layers) {
    if (layer.pool_before) height = pooled_side(height), width = pooled_side(width);
    height = layer.side_after(height), width = layer.side_after(width);
    if (layer.compared) floats += layer.out * height * width;
  }
  return floats;
}

}  // namespace wan::metrics::perceptual
