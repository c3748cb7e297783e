#include "engine/io/pickle_numpy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "engine/io/mapped_file.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Pickle read_data(const char* file) {
  const MappedFile mapped = map_file(std::filesystem::path(WAN_TEST_DATA) / "pickle" / file);
  return Pickle::parse(mapped.bytes, kNumpyGlobals, file, mapped.owner);
}

template <typename T>
std::vector<T> values(const NumpyArray& array) {
  std::vector<T> copied(array.data.size() / sizeof(T));
  std::memcpy(copied.data(), array.data.data(), array.data.size());
  return copied;
}

class NumpyPickle : public ::testing::TestWithParam<const char*> {};

TEST_P(NumpyPickle, GivesTheArrays) {
  const Pickle pickle = read_data(GetParam());
  const auto array = [&](const char* key) { return numpy_array(*pickle.root().find(key), key); };

  const NumpyArray kernel = numpy_array(*pickle.root().find("layer")->find("kernel"), "kernel");
  EXPECT_EQ(kernel.dtype, Dtype::f32);
  EXPECT_THAT(kernel.shape, ElementsAre(2, 3, 4));
  EXPECT_FALSE(kernel.fortran_order);
  EXPECT_EQ(values<float>(kernel)[23], 23.0F);
  EXPECT_THAT(values<float>(numpy_array(*pickle.root().find("layer")->find("bias"), "bias")), ElementsAre(0.5F, -1.25F));

  const NumpyArray fortran = array("fortran");
  EXPECT_TRUE(fortran.fortran_order);
  EXPECT_THAT(fortran.shape, ElementsAre(2, 3));
  EXPECT_THAT(values<std::int64_t>(fortran), ElementsAre(0, 3, 1, 4, 2, 5)) << "column by column";

  EXPECT_THAT(values<std::uint8_t>(array("bytes")), ElementsAre(1, 2, 255));
  EXPECT_EQ(array("flags").dtype, Dtype::boolean);
  EXPECT_THAT(values<std::uint16_t>(array("half")), ElementsAre(0x3e00));
  EXPECT_THAT(array("empty").shape, ElementsAre(0, 3));
  EXPECT_TRUE(array("scalar").shape.empty());
  EXPECT_THAT(values<std::int32_t>(array("scalar")), ElementsAre(7));
}

INSTANTIATE_TEST_SUITE_P(Files, NumpyPickle, ::testing::Values("arrays_protocol3.pkl", "arrays_protocol4.pkl", "arrays_numpy1.pkl"),
                         [](const auto& file) { return std::string(file.param).substr(0, std::string(file.param).find('.')); });

TEST(NumpyPickleErrors, UnsupportedArraysAreRefused) {
  const Pickle pickle = read_data("arrays_protocol3.pkl");
  EXPECT_USAGE_ERROR(numpy_array(*pickle.root().find("big_endian"), "w"), AllOf(HasSubstr("w: "), HasSubstr("little-endian")));
  EXPECT_USAGE_ERROR(numpy_array(*pickle.root().find("objects"), "w"), HasSubstr("expected a NumPy array"));
  // Protocol 2 has no bytes: NumPy's data then goes through a codec, a call that is not permitted.
  EXPECT_USAGE_ERROR(read_data("arrays_protocol2.pkl"), HasSubstr("'_codecs.encode'"));
}

// Every single-byte change of a good file gives arrays or a UsageError; sanitizers watch the reads.
TEST(NumpyPickleErrors, DamageNeverGivesAnArrayBeyondTheFile) {
  const MappedFile whole = map_file(std::filesystem::path(WAN_TEST_DATA) / "pickle/arrays_numpy1.pkl");
  std::size_t arrays = 0;
  for (std::size_t at = 0; at < whole.bytes.size(); ++at) {
    for (const int change : {1, 0x80, 0xff}) {
      std::vector<std::byte> damaged(whole.bytes.begin(), whole.bytes.end());
      damaged[at] ^= static_cast<std::byte>(change);
      try {
        const Pickle pickle = Pickle::parse(damaged, kNumpyGlobals, "damaged");
        const PickleRef value = pickle.root().find("fortran");
        if (!value) continue;
        const NumpyArray array = numpy_array(*value, "fortran");
        const auto begin = reinterpret_cast<const std::byte*>(array.data.data());
        ASSERT_GE(begin, damaged.data());
        ASSERT_LE(begin + array.data.size(), damaged.data() + damaged.size());
        ++arrays;
      } catch (const UsageError&) {
      }
    }
  }
  EXPECT_GT(arrays, 0u) << "changes outside the array must leave it readable, or this test looks at nothing";
}

}  // namespace
}  // namespace wan::io
