#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "engine/base/error.h"
#include "engine/media/clip_file.h"
#include "harness/cli/eval_options.h"
#include "harness/cli/exit_status.h"
#include "harness/cli/resources.h"
#include "harness/store/cell_log.h"
#include "metrics/sets/set_comparison.h"

namespace wan::cli {
namespace {

namespace fs = std::filesystem;
namespace sets = metrics::sets;

bool holds_png(const fs::path& folder) {
  return std::any_of(fs::directory_iterator(folder), fs::directory_iterator(),
                     [](const auto& e) { return e.path().extension() == ".png"; });
}

// The clips in a folder, by name: files of a format that holds one, and folders of PNG frames.
std::vector<fs::path> clips_in(const fs::path& folder) {
  if (!fs::is_directory(folder)) throw UsageError(fmt::format("{}: --sets wants a folder of clips", folder.string()));
  std::vector<fs::path> clips;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string extension = entry.path().extension().string();
    const bool clip =
        entry.is_directory() ? holds_png(entry.path()) : extension == ".safetensors" || extension == ".y4m" || extension == ".mp4";
    if (clip) clips.push_back(entry.path());
  }
  std::sort(clips.begin(), clips.end(), [](const fs::path& a, const fs::path& b) { return a.stem() < b.stem(); });
  if (clips.empty())
    throw UsageError(fmt::format("{}: no clip is in it (.mp4, .y4m, .safetensors or a folder of PNG frames each)", folder.string()));
  return clips;
}

void check_pairs(const std::vector<fs::path>& a, const std::vector<fs::path>& b) {
  const auto names = [](const std::vector<fs::path>& clips) {
    std::vector<std::string> names;
    for (const fs::path& clip : clips) names.push_back(clip.stem().string());
    return names;
  };
  const std::vector<std::string> of_a = names(a), of_b = names(b);
  std::vector<std::string> alone;
  std::set_symmetric_difference(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(alone));
  if (!alone.empty())
    throw UsageError(
        fmt::format("clips of the same name belong together, and these have no partner: {}; or say --unpaired", fmt::join(alone, ", ")));
}

std::vector<sets::SetClip> sources(const std::vector<fs::path>& clips) {
  std::vector<sets::SetClip> sources;
  for (const fs::path& clip : clips) sources.push_back({.name = clip.string(), .read = [clip] { return media::read_clip(clip); }});
  return sources;
}

std::unique_ptr<sets::Extractor> extractor(const SetsOptions& options) {
  if (options.extractor == "lpips_vgg") {
    if (!options.extractor_file.empty())
      throw UsageError("--extractor-file goes with --extractor torchscript or i3d400; lpips_vgg has its own");
    return sets::lpips_vgg_extractor(data_dir().string());
  }
  if (options.extractor_file.empty())
    throw UsageError(fmt::format("--extractor {} wants --extractor-file: its weights are yours to bring", options.extractor));
  const sets::TorchScriptFile file{.path = options.extractor_file, .sha256 = options.extractor_sha256};
  return options.extractor == "i3d400" ? sets::i3d400_extractor(file) : sets::torchscript_extractor(file);
}

std::string summary(const sets::SetComparison& comparison) {
  std::string text =
      fmt::format("{} and {} clips, {} frames of {}x{}, {}\n", comparison.reference_clips, comparison.candidate_clips, comparison.frames,
                  comparison.width, comparison.height, comparison.bootstrap.paired ? "paired" : "unpaired");
  for (const sets::SetScore& score : comparison.scores) {
    if (!score.error.empty())
      text += fmt::format("{:<20} no number: {}\n", score.metric, score.error);
    else if (score.interval)
      text += fmt::format("{:<20} {:.6g}   {:g} % {:.6g} to {:.6g}\n", score.metric, score.value, 100 * comparison.bootstrap.level,
                          score.interval->low, score.interval->high);
    else
      text += fmt::format("{:<20} {:.6g}\n", score.metric, score.value);
  }
  return text;
}

}  // namespace

int score_sets(const MetricsOptions& options) {
  const std::vector<fs::path> reference = clips_in(options.reference), candidate = clips_in(options.candidate);
  if (!options.sets.unpaired) check_pairs(reference, candidate);
  const auto from = extractor(options.sets);
  const sets::SetRequest request{.metrics = options.metrics,
                                 .frames = options.sets.frames,
                                 .bootstrap = {.resamples = options.sets.resamples,
                                               .seed = static_cast<std::uint64_t>(options.sets.seed),
                                               .paired = !options.sets.unpaired,
                                               .threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))}};
  const sets::SetComparison comparison = sets::compare_sets(sources(reference), sources(candidate), *from, request);
  const std::string json = sets::to_json(comparison) + "\n";
  if (options.json == "-") {
    fmt::print("{}", json);
  } else {
    store::replace_file(fs::absolute(options.json), json);
  }
  fmt::print(stderr, "{}", summary(comparison));
  const bool complete =
      std::all_of(comparison.scores.begin(), comparison.scores.end(), [](const auto& score) { return score.error.empty(); });
  return static_cast<int>(complete ? ExitStatus::held : ExitStatus::invalid);
}

}  // namespace wan::cli
