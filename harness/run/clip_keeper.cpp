#include "harness/run/clip_keeper.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/media/clip_file.h"
#include "harness/store/result_store.h"

namespace wan::run {
namespace {

constexpr std::size_t kKeyLetters = 24;  // 96 bits of the key: no two clips of a run share them

}  // namespace

ClipKeeper::ClipKeeper(std::filesystem::path run_folder) : run_folder_(std::move(run_folder)) {
  std::error_code error;
  std::filesystem::create_directories(run_folder_ / "clips", error);
  if (error) throw store::StorageError(fmt::format("{}: cannot make the folder of clips: {}", run_folder_.string(), error.message()));
}

void ClipKeeper::keep(const VideoClip& clip, store::Cell& cell) const {
  const std::string file = fmt::format("clips/{}-{}.safetensors", cell.configuration, cell.key.substr(0, kKeyLetters));
  try {
    media::write_clip(clip, run_folder_ / file);
  } catch (const UsageError& error) {  // our own path: what can be wrong is the disk
    throw store::StorageError(error.what());
  }
  cell.clip_hash = clip.content_hash();
  cell.clip_file = file;
}

std::optional<VideoClip> ClipKeeper::find(const store::Cell& cell) const {
  if (!has(cell)) return std::nullopt;
  try {
    VideoClip clip = media::read_clip(run_folder_ / cell.clip_file);
    if (clip.content_hash() == cell.clip_hash) return clip;
    log::warn("clip={} is not the clip that was recorded", cell.clip_file);
  } catch (const UsageError& error) {
    log::warn("clip={} cannot be read: {}", cell.clip_file, error.what());
  }
  return std::nullopt;
}

bool ClipKeeper::has(const store::Cell& cell) const {
  return !cell.clip_file.empty() && std::filesystem::exists(run_folder_ / cell.clip_file);
}

void ClipKeeper::drop(store::Cell& cell) const {
  std::error_code ignored;
  if (!cell.clip_file.empty()) std::filesystem::remove(run_folder_ / cell.clip_file, ignored);
  cell.clip_file.clear();
}

void check_clips(const store::RunRecord& run, const std::filesystem::path& run_folder) {
  for (const auto& configuration : run.configurations) {
    for (const auto& cell : configuration.cells) {
      if (cell.clip_file.empty()) continue;
      const std::filesystem::path file = run_folder / cell.clip_file;
      try {
        if (media::read_clip(file).content_hash() == cell.clip_hash) continue;
      } catch (const UsageError& error) {
        throw store::TamperError(fmt::format("{}: the clip that was kept cannot be read: {}", describe(cell), error.what()));
      }
      throw store::TamperError(fmt::format("{}: {}: is not the clip that was scored (its hash differs)", file.string(), describe(cell)));
    }
  }
}

}  // namespace wan::run
