#include "engine/checkpoint/transfer.h"

#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/runtime/device.h"
#include "engine/runtime/tensor.h"
#include "tests/support/engine/cuda.h"
#include "tests/support/engine/tensors.h"
#include "tests/support/temporary_folder.h"

namespace wan::checkpoint {
namespace {

struct Entry {
  std::int64_t elements;
  at::ScalarType stored, wanted;
};

// Nothing, one element, odd numbers, several pieces, and every pair of dtypes that a checkpoint and a policy may have.
const std::vector<Entry> kEntries = {{0, at::kFloat, at::kBFloat16},
                                     {1, at::kFloat, at::kBFloat16},
                                     {33, at::kBFloat16, at::kFloat},
                                     {262'147, at::kHalf, at::kBFloat16},
                                     {262'145, at::kFloat, at::kFloat},
                                     {5'000'011, at::kFloat, at::kBFloat16},
                                     {9'000'001, at::kBFloat16, at::kBFloat16},
                                     {7, at::kHalf, at::kFloat}};

io::Dtype file_dtype(at::ScalarType type) {
  return type == at::kFloat ? io::Dtype::f32 : type == at::kHalf ? io::Dtype::f16 : io::Dtype::bf16;
}

class TransferOfWeights : public ::testing::Test {
 protected:
  // Writes the entries behind each other, from byte `start`, and maps the file.
  void write(std::size_t start) {
    std::string bytes(start, 'x');
    for (std::size_t i = 0; i < kEntries.size(); ++i) {
      values_.push_back((test::random_tensor({kEntries[i].elements}, i + 1) * 3.0).to(kEntries[i].stored));
      offsets_.push_back(bytes.size());
      bytes.append(static_cast<const char*>(values_.back().const_data_ptr()), values_.back().nbytes());
    }
    file_ = folder_ / "weights";
    std::ofstream(file_, std::ios::binary) << bytes;
    mapped_ = io::map_file(file_);
  }

  std::vector<Transfer> transfers(at::Device device) {
    std::vector<Transfer> all;
    for (std::size_t i = 0; i < kEntries.size(); ++i) {
      const auto& [elements, stored, wanted] = kEntries[i];
      all.push_back({.from = {.dtype = file_dtype(stored),
                              .shape = {elements},
                              .data = mapped_.bytes.subspan(offsets_[i], values_[i].nbytes()),
                              .owner = mapped_.owner},
                     .stored = stored,
                     .to = at::empty({elements}, at::TensorOptions(wanted).device(device))});
    }
    return all;
  }

  void expect_equal(const std::vector<Transfer>& all) {
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(all[i].to.cpu().equal(values_[i].to(kEntries[i].wanted))) << "entry " << i;
  }

  testing::TemporaryFolder folder_;
  std::filesystem::path file_;
  io::MappedFile mapped_ = {};
  std::vector<at::Tensor> values_ = {};
  std::vector<std::size_t> offsets_ = {};
};

TEST_F(TransferOfWeights, ConvertsEveryPairOfDtypesToTheBit) {
  write(/*start=*/8);
  auto all = transfers(at::kCPU);
  std::int64_t reported = 0, total = 0;
  for (const auto& t : all) total += static_cast<std::int64_t>(t.from.data.size());
  transfer(all, [&](std::int64_t bytes) {
    EXPECT_GT(bytes, 0);
    reported += bytes;
  });
  expect_equal(all);
  EXPECT_EQ(reported, total);
}

TEST_F(TransferOfWeights, TakesBytesAtAnyAddressAndInInferenceMode) {
  write(/*start=*/3);
  const c10::InferenceMode inference;
  auto all = transfers(at::kCPU);
  transfer(all, {});
  expect_equal(all);
}

TEST_F(TransferOfWeights, EndsWhenTheCallbackThrows) {
  write(0);
  auto all = transfers(at::kCPU);
  EXPECT_THROW(transfer(all, [](std::int64_t) { throw std::runtime_error("enough"); }), std::runtime_error);
}

TEST_F(TransferOfWeights, AFileCutShortMeanwhileIsAnErrorNotASignal) {
  write(0);
  auto all = transfers(at::kCPU);
  std::filesystem::resize_file(file_, 5000);
  EXPECT_THROW(transfer(all, {}), UsageError);
}

using TransferOfWeightsGpu = TransferOfWeights;

TEST_F(TransferOfWeightsGpu, TheSameBits) {
  WAN_SKIP_WITHOUT_CUDA();
  const at::Device device = runtime::open_device("cuda");
  write(/*start=*/3);
  auto all = transfers(device);
  transfer(all, {});
  expect_equal(all);
}

}  // namespace
}  // namespace wan::checkpoint
