// The one file that runs TorchScript.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "metrics/sets/extractor.h"

namespace wan::metrics::sets {
namespace {

constexpr std::int64_t kI3dFrames = 10, kI3dLogits = 400;

// LibTorch's own errors, and what a module raises, are about the user's file.
template <typename Call>
auto guarded(const std::string& path, Call call) {
  try {
    return call();
  } catch (const c10::Error& e) {
    throw UsageError(fmt::format("{}: {}", path, e.what_without_backtrace()));
  } catch (const std::runtime_error& e) {
    throw UsageError(fmt::format("{}: {}", path, e.what()));
  }
}

class TorchScript final : public Extractor {
 public:
  TorchScript(const TorchScriptFile& file, ExtractorInfo info, bool i3d) : path_(file.path), info_(std::move(info)), i3d_(i3d) {
    if (!std::filesystem::is_regular_file(file.path))
      throw UsageError(fmt::format("{}: there is no such file; {} wants a TorchScript module", file.path, info_.name));
    info_.sha256 = sha256_file(file.path);
    if (!file.sha256.empty() && file.sha256 != info_.sha256)
      throw UsageError(fmt::format("{}: SHA-256 {}, expected {}: not the file that was meant", file.path, info_.sha256, file.sha256));
    module_ = guarded(path_, [&] { return torch::jit::load(file.path, c10::Device(c10::kCPU)); });
    module_.eval();
  }

  const ExtractorInfo& info() const override { return info_; }

  std::vector<double> extract(const VideoClip& clip, int) override {
    if (i3d_ && clip.frames < kI3dFrames) throw UsageError(fmt::format("i3d400 needs {} frames, a clip has {}", kI3dFrames, clip.frames));
    const at::NoGradGuard no_grad;
    at::Tensor input = at::empty({1, 3, clip.frames, clip.height, clip.width}, at::kFloat);
    const std::int64_t pixels = clip.frames * clip.height * clip.width;
    float* to = input.data_ptr<float>();
    for (std::int64_t i = 0; i < pixels; ++i)
      for (std::int64_t c = 0; c < 3; ++c) to[c * pixels + i] = clip.rgb[static_cast<std::size_t>(3 * i + c)];

    const at::Tensor output = guarded(path_, [&] {
      if (!i3d_) return module_.forward({input}).toTensor();
      return module_.forward({input}, {{"rescale", true}, {"resize", true}, {"return_features", true}}).toTensor();
    });
    if (output.dim() != 2 || output.size(0) != 1 || output.size(1) < 1 || (i3d_ && output.size(1) != kI3dLogits))
      throw UsageError(fmt::format("{}: the module gives {} dimensions of {} numbers for a clip; {} wants [1, {}]", path_, output.dim(),
                                   output.numel(), info_.name, i3d_ ? std::to_string(kI3dLogits) : "d"));
    const at::Tensor numbers = output.to(at::kDouble).contiguous();
    return {numbers.const_data_ptr<double>(), numbers.const_data_ptr<double>() + numbers.numel()};
  }

 private:
  const std::string path_;
  ExtractorInfo info_;
  const bool i3d_;
  torch::jit::Module module_;
};

}  // namespace

std::unique_ptr<Extractor> torchscript_extractor(const TorchScriptFile& file) {
  return std::make_unique<TorchScript>(
      file, ExtractorInfo{.name = "torchscript", .sha256 = {}, .normaliser = "0..255", .features = "the module's"}, false);
}

std::unique_ptr<Extractor> i3d400_extractor(const TorchScriptFile& file) {
  return std::make_unique<TorchScript>(file,
                                       ExtractorInfo{.name = "i3d400",
                                                     .sha256 = {},
                                                     .resize = "to 224x224 in the module, aspect ignored",
                                                     .normaliser = "-1..1 in the module",
                                                     .features = "400 logits of Kinetics-400"},
                                       true);
}

}  // namespace wan::metrics::sets
