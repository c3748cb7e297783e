#include "engine/text/prompt_cache.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/sha256.h"
#include "engine/io/safetensors.h"
#include "engine/runtime/tensor.h"

namespace wan::text {
namespace {

namespace fs = std::filesystem;
using FileClock = fs::file_time_type::clock;

// Part of every key: another number makes all older entries misses.
constexpr int kFormat = 1;
// What a killed writer left behind is removed at this age.
constexpr std::chrono::hours kAbandoned{1};

io::Dtype dtype_of(at::ScalarType type) {
  WAN_CHECK(type == at::kFloat || type == at::kBFloat16, "prompt embeddings are float32 or bfloat16");
  return type == at::kFloat ? io::Dtype::f32 : io::Dtype::bf16;
}

struct Entry {
  fs::path path;
  fs::file_time_type used;
  std::int64_t bytes;
};

// Files that other processes remove meanwhile are passed over.
std::vector<Entry> entries_of(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code gone;
  for (const auto& file : fs::directory_iterator(folder, gone)) {
    const auto used = file.last_write_time(gone);
    if (gone) continue;
    const auto bytes = static_cast<std::int64_t>(file.file_size(gone));
    if (!gone && file.is_regular_file(gone)) entries.push_back({file.path(), used, bytes});
  }
  return entries;
}

}  // namespace

PromptCache::PromptCache(fs::path folder, std::string identity, std::int64_t limit_bytes)
    : folder_(std::move(folder)), identity_(std::move(identity)), limit_bytes_(limit_bytes) {}

fs::path PromptCache::file_of(std::span<const std::int64_t> ids) const {
  return folder_ / (sha256_hex(fmt::format("prompt embeddings {}\n{}\n{}", kFormat, identity_, fmt::join(ids, " "))) + ".safetensors");
}

std::optional<at::Tensor> PromptCache::find(std::span<const std::int64_t> ids, std::int64_t d, at::ScalarType dtype) const {
  const fs::path path = file_of(ids);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  try {
    const auto file = io::SafetensorsFile::open(path);
    const auto& view = file.at("states");
    const std::vector<std::int64_t> shape = {1, static_cast<std::int64_t>(ids.size()), d};
    if (view.dtype != dtype_of(dtype) || view.shape != shape) throw UsageError("another shape or dtype than the encoder's");
    const auto sum = file.metadata().find("sha256");
    if (sum == file.metadata().end() || sum->second != sha256_hex(view.data)) throw UsageError("the checksum does not fit the values");
    at::Tensor states = at::empty(shape, at::TensorOptions(dtype));
    std::memcpy(states.data_ptr(), view.data.data(), view.data.size());
    fs::last_write_time(path, FileClock::now(), ignored);  // used just now
    return states;
  } catch (const UsageError& error) {
    log::warn("prompt cache: {} is damaged and will be written anew: {}", path.string(), error.what());
    return std::nullopt;
  }
}

void PromptCache::store(std::span<const std::int64_t> ids, const at::Tensor& states) const {
  try {
    const at::Tensor host = states.cpu().contiguous();
    const std::span<const std::byte> data(static_cast<const std::byte*>(host.const_data_ptr()), host.nbytes());
    const io::TensorToWrite tensor{.name = "states", .dtype = dtype_of(host.scalar_type()), .shape = host.sizes().vec(), .data = data};
    fs::create_directories(folder_);
    io::write_safetensors(file_of(ids), std::span(&tensor, 1), {{"sha256", sha256_hex(data)}});
    evict();
  } catch (const UsageError& error) {
    log::warn("prompt cache: nothing is kept: {}", error.what());
  } catch (const fs::filesystem_error& error) {
    log::warn("prompt cache: nothing is kept: {}", error.what());
  }
}

void PromptCache::evict() const {
  std::vector<Entry> entries = entries_of(folder_);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  std::int64_t total = 0;
  for (const Entry& entry : entries) total += entry.bytes;
  std::error_code gone;
  for (const Entry& entry : entries) {
    const bool partial = entry.path.filename().string().starts_with(".partial-");
    const bool old = FileClock::now() - entry.used > kAbandoned;
    if (partial ? !old : total <= limit_bytes_) continue;
    if (fs::remove(entry.path, gone)) total -= entry.bytes;
  }
}

}  // namespace wan::text
