// Tensors for tests: from safetensors files, from a portable generator, and compared in float64.
#pragma once

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/seams.h"

namespace wan::test {

// The tensor of a safetensors file, copied.
at::Tensor read_tensor(const std::filesystem::path& file, const std::string& name);

// Writes one float32 tensor as a safetensors file.
void write_tensor(const std::filesystem::path& file, const std::string& name, const at::Tensor& tensor);

// Uniform in [-1, 1), the same on every machine; the seed is printed on failure by the caller's SCOPED_TRACE.
at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed);

// ||a - b|| / ||b|| in float64; NaN if either holds one.
double relative_l2(const at::Tensor& a, const at::Tensor& b);

// The folder of an oracle case with this layout's checkpoint: tests/data/oracle first (committed), then ../shared/oracle; empty if neither
// holds it.
std::filesystem::path oracle_case(const std::string& name, const std::string& layout = "diffusers");

std::shared_ptr<const Seams> shared_reference_seams();

// Largest |a - b| <= tolerance; on failure the worst index, both values and the share outside.
::testing::AssertionResult all_close(const at::Tensor& actual, const at::Tensor& expected, double tolerance);

}  // namespace wan::test
