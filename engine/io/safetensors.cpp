#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/io/mapped_file.h"
#include "engine/io/new_file.h"

namespace wan::io {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxDimensions = 64;            // no tensor has more; keeps a hostile shape short

// Parsing in which a duplicate key is an error: nlohmann keeps the last one silently, and two readers of one file must not see two models.
json parse_header(std::string_view text, const std::string& name) {
  if (text.empty() || text.front() != '{') throw UsageError(fmt::format("{}: the safetensors header is not a JSON object", name));
  check_json_depth(text, name);
  std::vector<std::vector<std::string>> open;  // the keys so far of every object that is still open
  std::string duplicate;
  const json::parser_callback_t watch = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::key) open.back().push_back(parsed.get<std::string>());
    if (event == json::parse_event_t::object_end) {
      auto& keys = open.back();
      std::sort(keys.begin(), keys.end());
      if (const auto at = std::adjacent_find(keys.begin(), keys.end()); at != keys.end()) duplicate = *at;
      open.pop_back();
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (header.is_discarded()) throw UsageError(fmt::format("{}: the safetensors header is not valid JSON: the file is damaged", name));
  if (!duplicate.empty()) throw UsageError(fmt::format("{}: the safetensors header names '{}' twice", name, duplicate));
  return header;
}

// A non-negative integer of the header, or nothing.
std::optional<std::uint64_t> unsigned_of(const json& value) {
  if (!value.is_number_unsigned()) return std::nullopt;
  return value.get<std::uint64_t>();
}

std::vector<std::int64_t> parse_shape(const json& shape, const auto& bad) {
  if (!shape.is_array() || shape.size() > kMaxDimensions) throw bad(fmt::format("shape is not a list of at most {} sizes", kMaxDimensions));
  std::vector<std::int64_t> extents;
  for (const json& extent : shape) {
    const auto n = unsigned_of(extent);
    if (!n) throw bad("shape holds something else than sizes");
    if (*n > std::numeric_limits<std::int64_t>::max()) throw bad("shape is too large to be true");
    extents.push_back(static_cast<std::int64_t>(*n));
  }
  return extents;
}

TensorView parse_tensor(const std::string& name, const std::string& key, const json& entry, std::span<const std::byte> data) {
  const auto bad = [&](const std::string& what) { return UsageError(fmt::format("{}: tensor '{}': {}", name, key, what)); };
  if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets"))
    throw bad("expected dtype, shape and data_offsets");
  TensorView view;
  const json &dtype = entry["dtype"], &offsets = entry["data_offsets"];
  const auto known = dtype.is_string() ? dtype_named(dtype.get_ref<const std::string&>()) : std::nullopt;
  if (!known) throw bad(fmt::format("unknown dtype {}", dtype.dump()));
  view.dtype = *known;
  view.shape = parse_shape(entry["shape"], bad);
  const auto bytes = dense_bytes(view.shape, view.dtype);
  if (!bytes) throw bad("shape is too large to be true");
  if (!offsets.is_array() || offsets.size() != 2) throw bad("data_offsets is not a pair");
  const auto begin = unsigned_of(offsets[0]), end = unsigned_of(offsets[1]);
  if (!begin || !end || *begin > *end || *end > data.size())
    throw bad(fmt::format("data_offsets {} lie outside the {} data bytes: the file is truncated or damaged", offsets.dump(), data.size()));
  if (*end - *begin != *bytes) throw bad(fmt::format("{} bytes for a shape that takes {}", *end - *begin, *bytes));
  view.data = data.subspan(*begin, *bytes);
  return view;
}

std::map<std::string, std::string> parse_metadata(const std::string& name, const json& entry) {
  std::map<std::string, std::string> metadata;
  if (!entry.is_object()) throw UsageError(fmt::format("{}: __metadata__ is not an object", name));
  for (const auto& [word, text] : entry.items()) {
    if (!text.is_string()) throw UsageError(fmt::format("{}: __metadata__ '{}' is not text", name, word));
    metadata[word] = text.get<std::string>();
  }
  return metadata;
}

// The tensors must tile the data exactly, as the format says; empty ones lie between the others.
void check_tiling(const std::string& name, const std::map<std::string, TensorView>& tensors, std::span<const std::byte> data) {
  std::vector<std::pair<std::size_t, std::size_t>> spans;
  for (const auto& [key, view] : tensors) {
    const auto begin = static_cast<std::size_t>(view.data.data() - data.data());
    spans.emplace_back(begin, begin + view.data.size());
  }
  std::sort(spans.begin(), spans.end());
  std::size_t reached = 0;
  for (const auto& [begin, end] : spans) {
    if (begin != reached)
      throw UsageError(
          fmt::format("{}: tensors {} at data byte {}: the file is damaged", name, begin < reached ? "overlap" : "leave a hole", begin));
    reached = end;
  }
  if (reached != data.size())
    throw UsageError(fmt::format("{}: {} bytes behind the last tensor: the file is damaged", name, data.size() - reached));
}

json make_header(std::span<const TensorToWrite* const> tensors, const std::map<std::string, std::string>& metadata) {
  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const TensorToWrite* t : tensors) {
    const auto bytes = dense_bytes(t->shape, t->dtype);
    WAN_CHECK(bytes == t->data.size(), "tensor '{}': {} bytes do not fill its shape", t->name, t->data.size());
    WAN_CHECK(!header.contains(t->name) && t->name != "__metadata__", "tensor name '{}' is taken", t->name);
    header[t->name] = {{"dtype", to_string(t->dtype)}, {"shape", t->shape}, {"data_offsets", {offset, offset + t->data.size()}}};
    offset += t->data.size();
  }
  return header;
}

}  // namespace

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  MappedFile file = map_file(path);
  return parse(file.bytes, file.owner, path.string());
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, std::shared_ptr<const void> owner, const std::string& name) {
  if (bytes.size() < 8) throw UsageError(fmt::format("{}: {} bytes are too few for a safetensors file", name, bytes.size()));
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  if (header_size > kMaxHeaderBytes || header_size > bytes.size() - 8)
    throw UsageError(
        fmt::format("{}: header of {} bytes in a file of {}: truncated, or not a safetensors file", name, header_size, bytes.size()));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 8, header_size);
  const json header = parse_header(text, name);
  const auto data = bytes.subspan(8 + header_size);

  SafetensorsFile file;
  file.name_ = name;
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      file.metadata_ = parse_metadata(name, entry);
      continue;
    }
    TensorView view = parse_tensor(name, key, entry, data);
    view.owner = owner;
    file.tensors_.emplace(key, std::move(view));
  }
  check_tiling(name, file.tensors_, data);
  return file;
}

const TensorView& SafetensorsFile::at(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) throw UsageError(fmt::format("{}: holds no tensor '{}'", name_, tensor));
  return found->second;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<const TensorToWrite*> order;
  for (const TensorToWrite& t : tensors) order.push_back(&t);
  // Widest elements first: with the header padded to 8 bytes every tensor is then aligned in the mapping of a reader.
  std::stable_sort(order.begin(), order.end(), [](auto* a, auto* b) { return byte_size(a->dtype) > byte_size(b->dtype); });
  std::string text = make_header(order, metadata).dump(-1, ' ', false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t size = text.size();
  NewFile out(path);
  out.write(std::as_bytes(std::span(&size, 1)));
  out.write(text);
  for (const TensorToWrite* t : order) out.write(t->data);
  out.commit();
}

}  // namespace wan::io
