#include "engine/io/zip.h"

#include "engine/io/mapped_file.h"
#include "tests/support/engine/torch_archive.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using test::ZipEntry;
using ::testing::HasSubstr;

class Zip : public ::testing::TestWithParam<bool> {
 protected:
  std::span<const std::byte> write(const std::vector<ZipEntry>& entries) {
    const auto path = folder_ / "archive.zip";
    std::filesystem::remove(path);
    test::write_zip(path, entries, GetParam());
    file_ = map_file(path);
    return file_.bytes;
  }
  ZipEntries read(const std::vector<ZipEntry>& entries) { return read_zip(write(entries), "x.zip"); }

  testing::TemporaryFolder folder_;
  MappedFile file_;
};

std::string text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

TEST_P(Zip, GivesTheBytesOfEveryEntry) {
  const auto entries = read({{.name = "a", .data = "first"}, {.name = "folder/"}, {.name = "folder/b"}, {.name = "c", .hole = 3}});
  ASSERT_EQ(entries.files.size(), 3U);
  EXPECT_EQ(text(entries.files.at("a")), "first");
  EXPECT_EQ(text(entries.files.at("folder/b")), "");
  EXPECT_EQ(text(entries.files.at("c")), std::string(3, '\0'));
  EXPECT_TRUE(starts_like_zip(file_.bytes));
  EXPECT_TRUE(read({}).files.empty());
}

TEST_P(Zip, RefusesWhatCannotBeMapped) {
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .method = 8}}),
                     HasSubstr("x.zip: zip archive: entry 'a': it is compressed (method 8)"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .flags = 1}}), HasSubstr("encrypted"));
}

TEST_P(Zip, RefusesDamagedDirectories) {
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x"}, {.name = "a", .data = "y"}}), HasSubstr("two entries are named 'a'"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .local_name = "b"}}), HasSubstr("another name"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .moved = 1}}), HasSubstr("header lies outside"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .moved = 0x7fffffff}}), HasSubstr("header lies outside"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .grown = 1}}), HasSubstr("outside the file"));
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x", .grown = 1}, {.name = "b"}}), HasSubstr("overlap"));
  // Two names for the same bytes.
  EXPECT_USAGE_ERROR(read({{.name = "a", .data = "x"}, {.name = "b", .local_name = "a", .moved = -32}}), HasSubstr("another name"));
}

TEST_P(Zip, RefusesEveryTruncation) {
  const auto whole = write({{.name = "a", .data = "first"}, {.name = "b", .data = "second"}});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(read_zip(whole.first(size), "x.zip"), UsageError) << size;
}

// Whatever a byte is changed to: an error, or entries that lie inside the archive.
TEST_P(Zip, AnyDamagedByteIsAnErrorOrHarmless) {
  const auto whole = write({{.name = "a", .data = "first"}, {.name = "b", .data = "second"}});
  std::vector<std::byte> bytes(whole.begin(), whole.end());
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const int value : {0x00, 0x01, 0x7F, 0xFF}) {
      const std::byte old = std::exchange(bytes[at], static_cast<std::byte>(value));
      try {
        for (const auto& [name, data] : read_zip(bytes, "x.zip").files) {
          EXPECT_GE(data.data(), bytes.data());
          EXPECT_LE(data.data() + data.size(), bytes.data() + bytes.size());
        }
      } catch (const UsageError&) {
      }
      bytes[at] = old;
    }
}

INSTANTIATE_TEST_SUITE_P(Formats, Zip, ::testing::Bool(), [](const auto& info) { return info.param ? "zip64" : "zip"; });

TEST(ZipSize, EntriesMayBeLargerThanFourGigabytes) {
  testing::TemporaryFolder folder;
  const auto path = folder / "large.zip";
  const std::vector<ZipEntry> entries = {{.name = "a", .hole = std::uint64_t{5} << 30}, {.name = "b", .data = "end"}};
  test::write_zip(path, entries, true);
  const auto file = map_file(path);
  const auto read = read_zip(file.bytes, "large.zip");
  EXPECT_EQ(read.files.at("a").size(), std::size_t{5} << 30);
  EXPECT_EQ(text(read.files.at("b")), "end");
}

}  // namespace
}  // namespace wan::io
