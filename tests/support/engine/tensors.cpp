#include "tests/support/engine/tensors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fmt/format.h>

#include "engine/base/random.h"
#include "engine/io/safetensors.h"
#include "engine/reference_seams.h"
#include "engine/runtime/tensor.h"

namespace wan::test {
namespace {

at::ScalarType scalar_type(io::Dtype dtype) {
  switch (dtype) {
    case io::Dtype::f32:
      return at::kFloat;
    case io::Dtype::f64:
      return at::kDouble;
    case io::Dtype::bf16:
      return at::kBFloat16;
    case io::Dtype::f16:
      return at::kHalf;
    case io::Dtype::i64:
      return at::kLong;
    case io::Dtype::i32:
      return at::kInt;
    case io::Dtype::u8:
      return at::kByte;
    case io::Dtype::boolean:
      return at::kBool;
    default:
      throw std::runtime_error(std::string("no test needs dtype ") + io::to_string(dtype));
  }
}

}  // namespace

at::Tensor read_tensor(const std::filesystem::path& file, const std::string& name) {
  const auto opened = io::SafetensorsFile::open(file);
  const auto& view = opened.at(name);
  return at::from_blob(const_cast<std::byte*>(view.data.data()), view.shape, at::TensorOptions(scalar_type(view.dtype))).clone();
}

void write_tensor(const std::filesystem::path& file, const std::string& name, const at::Tensor& tensor) {
  const at::Tensor dense = tensor.to(at::kFloat).contiguous();
  const io::TensorToWrite entry{
      .name = name, .shape = dense.sizes().vec(), .data = {static_cast<const std::byte*>(dense.const_data_ptr()), dense.nbytes()}};
  io::write_safetensors(file, std::span(&entry, 1));
}

at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed) {
  at::Tensor tensor = at::empty(shape, at::TensorOptions(at::kFloat));
  float* values = tensor.mutable_data_ptr<float>();
  SplitMix64 random(seed * SplitMix64::kStep + 1);
  for (std::int64_t i = 0; i < tensor.numel(); ++i) values[i] = random.next_signed();
  return tensor;
}

double relative_l2(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.detach().to(at::kDouble).cpu(), y = b.detach().to(at::kDouble).cpu();
  return (x - y).norm().item<double>() / y.norm().item<double>();
}

std::filesystem::path oracle_case(const std::string& name, const std::string& layout) {
  for (const std::filesystem::path& root : {std::filesystem::path(WAN_TEST_DATA) / "oracle", std::filesystem::path(WAN_SHARED) / "oracle"})
    if (std::filesystem::exists(root / name / layout)) return root / name;
  return {};
}

std::shared_ptr<const Seams> shared_reference_seams() { return std::make_shared<const Seams>(reference_seams()); }

::testing::AssertionResult all_close(const at::Tensor& actual, const at::Tensor& expected, double tolerance) {
  if (actual.sizes() != expected.sizes())
    return ::testing::AssertionFailure() << fmt::format("shape [{}] against [{}]", fmt::join(actual.sizes(), ", "),
                                                        fmt::join(expected.sizes(), ", "));
  const at::Tensor a = actual.detach().to(at::kDouble).cpu().flatten(), b = expected.detach().to(at::kDouble).cpu().flatten();
  if (a.numel() == 0) return ::testing::AssertionSuccess();
  const at::Tensor difference = (a - b).abs();
  const at::Tensor outside = ~(difference <= tolerance);  // NaN is outside
  if (!outside.any().item<bool>()) return ::testing::AssertionSuccess();
  const auto worst = outside.to(at::kDouble).mul(difference.nan_to_num(1e300)).argmax().item<std::int64_t>();
  return ::testing::AssertionFailure() << fmt::format("worst at {}: {} against {}, |difference| {}, tolerance {}, {:.3f} % outside", worst,
                                                      a[worst].item<double>(), b[worst].item<double>(), difference[worst].item<double>(),
                                                      tolerance, 100.0 * outside.to(at::kDouble).mean().item<double>());
}

}  // namespace wan::test
