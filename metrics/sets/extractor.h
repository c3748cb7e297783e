// From a clip to one vector of features. What makes two results comparable is in the description, which every result carries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/video_clip.h"

namespace wan::metrics::sets {

struct ExtractorInfo {
  std::string name;             // lpips_vgg, i3d400, torchscript
  std::string sha256;           // of its weights
  std::string resize = "none";  // how a frame is brought to the network's size
  std::string normaliser;       // how a byte becomes a number
  std::string features;         // what a number is
  bool operator==(const ExtractorInfo&) const = default;
};

class Extractor {
 public:
  virtual ~Extractor() = default;
  virtual const ExtractorInfo& info() const = 0;
  // Throws UsageError if the clip is too short or too small. From one thread at a time; may use `threads`.
  virtual std::vector<double> extract(const VideoClip& clip, int threads) = 0;
};

// LPIPS's VGG16, its last map (relu5_3) averaged over positions: 512 means over the frames, and 512 means of the absolute change from frame
// to frame. No published distance uses it, so it is never called FVD. Throws UsageError, naming ci/bootstrap, if there are no weights.
std::unique_ptr<Extractor> lpips_vgg_extractor(const std::string& data_dir);

struct TorchScriptFile {
  std::string path;
  std::string sha256 = {};  // expected; empty: whatever it is
};
// A TorchScript module of the user's own that maps float32 [1, 3, T, H, W], RGB in 0..255, to [1, d]. It runs on LibTorch's threads, whose
// number may change the last bits. A module is a program: run none that you do not trust. Throws UsageError if the file is missing or
// another.
std::unique_ptr<Extractor> torchscript_extractor(const TorchScriptFile& file);
// The same for I3D of Kinetics-400 as StyleGAN-V exports it: called with rescale, resize and return_features, which scales to -1..1,
// resizes to 224x224 and gives 400 logits. Clips need ten frames.
std::unique_ptr<Extractor> i3d400_extractor(const TorchScriptFile& file);

}  // namespace wan::metrics::sets
