#include "engine/lora_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "engine/base/error.h"
#include "engine/base/sha256.h"
#include "engine/pipeline_config.h"

namespace wan {
namespace {

namespace fs = std::filesystem;

// The file of one expert is told by its name: high_noise_model.safetensors, my-lora-LOW.safetensors.
bool names_expert(const fs::path& file, const std::string& expert) {
  std::string name = file.filename().string();
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name.find(expert) != std::string::npos;
}

std::vector<fs::path> safetensors_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

class Finder {
 public:
  explicit Finder(bool two_experts) : two_experts_(two_experts) {}

  void add(const LoraRequest& request) {
    const fs::path path = request.path;
    if (!request.expert.empty() && request.expert != "high" && request.expert != "low")
      return fault(request, fmt::format("expert '{}'; expected high or low", request.expert));
    if (!request.expert.empty() && !two_experts_) return fault(request, "names an expert, but the checkpoint has only one");
    if (!fs::exists(path)) return fault(request, "does not exist");
    if (!fs::is_directory(path)) return use(request, path, request.expert);
    const auto files = safetensors_in(path);
    if (files.size() == 1) return use(request, files[0], request.expert);
    const auto high = std::ranges::find_if(files, [](const fs::path& file) { return names_expert(file, "high"); });
    const auto low = std::ranges::find_if(
        files, [&](const fs::path& file) { return names_expert(file, "low") && high != files.end() && file != *high; });
    if (!two_experts_ || files.size() != 2 || high == files.end() || low == files.end())
      return fault(request, fmt::format("a folder with {} .safetensors files; expected one{}", files.size(),
                                        two_experts_ ? ", or two with 'high' and 'low' in their names" : ", since there is one expert"));
    if (request.expert != "low") use(request, *high, "high");
    if (request.expert != "high") use(request, *low, "low");
  }

  LoraFiles take() {
    if (!faults_.empty()) throw UsageError(fmt::format("--lora: {}", fmt::join(faults_, "\n  ")));
    return std::move(found_);
  }

 private:
  void fault(const LoraRequest& request, const std::string& what) { faults_.push_back(fmt::format("{}: {}", request.path, what)); }
  void use(const LoraRequest& request, const fs::path& file, const std::string& expert) {
    if (expert != "low") found_.high_noise.push_back({.path = file, .scale = request.scale});
    if (expert != "high" && two_experts_) found_.low_noise.push_back({.path = file, .scale = request.scale});
  }

  bool two_experts_;
  LoraFiles found_;
  std::vector<std::string> faults_;
};

}  // namespace

LoraFiles find_loras(std::span<const LoraRequest> requests, bool two_experts) {
  Finder finder(two_experts);
  for (const LoraRequest& request : requests) finder.add(request);
  return finder.take();
}

std::string hash_with_loras(const std::string& weights, const LoraFiles& loras) {
  if (loras.high_noise.empty() && loras.low_noise.empty()) return weights;
  Sha256 hash;
  hash.update(weights);
  for (const auto* files : {&loras.high_noise, &loras.low_noise}) {
    hash.update("\nexpert\n");
    for (const auto& [path, scale] : *files) {
      hash.update(fmt::format("{}\n", scale));
      hash_weight_file(hash, path);
    }
  }
  return hash.hex_digest();
}

}  // namespace wan
