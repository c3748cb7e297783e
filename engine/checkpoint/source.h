// Which tensors a checkpoint's component has and where they lie: a table of what the model wants, the tensors that its files hold, and the
// check of one against the other. Nothing is read but headers; how the bytes get to a device is the matter of weights.h. ATen-free.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/io/safetensors.h"

namespace wan::checkpoint {

struct TensorSpec {
  std::string name;       // ours = the official repository's name
  std::string diffusers;  // name in the diffusers layout
  std::vector<std::int64_t> shape;
  bool required = true;
  std::string alternative = {};  // second accepted diffusers name (tied embeddings)
};
using TensorTable = std::vector<TensorSpec>;

enum class Layout { diffusers, official };

// One component as its files hold it.
struct Source {
  std::string place;  // what messages call it: the folder or the file
  Layout layout = Layout::diffusers;
  std::map<std::string, io::TensorView> tensors = {};  // by the names in the files

  bool has(const std::string& name) const { return tensors.contains(name); }
  // Of a tensor that a configuration is read from. UsageError if it is absent or has another number of dimensions.
  const std::vector<std::int64_t>& shape(const std::string& name, std::size_t dimensions) const;
};

// `folder` holds `<stem>.safetensors`, or `<stem>.safetensors.index.json` with its shards. Throws UsageError.
Source open_safetensors(const std::filesystem::path& folder, const std::string& stem, Layout layout);

struct FoundTensor {
  std::string name;          // ours
  io::TensorView view = {};  // F32, BF16 or F16
};

// What the table wants, found in the source, in the table's order. Missing, extra, misshapen and misdtyped tensors are one UsageError that
// lists them all.
std::vector<FoundTensor> find_tensors(const Source& source, const TensorTable& table);

}  // namespace wan::checkpoint
