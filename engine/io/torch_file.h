// Tensors of a file that torch.save wrote (.pth): a zip archive whose pickle names the tensors and whose other entries are their bytes,
// read where they lie. The pickle goes through the restricted reader with a fixed list of names; a file that names anything else is
// refused. ATen-free.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "engine/io/tensor_view.h"

namespace wan::io {

// A state dict: name -> tensor. Throws UsageError: no such archive (a file of torch before 1.6 among them), a name that is not on the list,
// an entry that is no tensor, a tensor that is not dense or leaves its storage.
std::map<std::string, TensorView> read_torch_file(const std::filesystem::path& path);

// The same over bytes in memory; `name` stands for the path in messages.
std::map<std::string, TensorView> parse_torch_file(std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
                                                   const std::string& name);

}  // namespace wan::io
