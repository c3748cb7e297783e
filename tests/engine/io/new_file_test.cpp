#include "engine/io/new_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "engine/io/mapped_file.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan::io {
namespace {

using ::testing::HasSubstr;
using ::wan::testing::FileSizeLimit;
using ::wan::testing::TemporaryFolder;

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(NewFile, AppearsOnlyOnCommit) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "old";
  NewFile file(folder / "a");
  file.write("new");
  EXPECT_EQ(content(folder / "a"), "old");
  file.commit();
  EXPECT_EQ(content(folder / "a"), "new");
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_THROW(file.write("more"), CheckError);
}

TEST(NewFile, LeavesNothingWithoutCommit) {
  const TemporaryFolder folder;
  { NewFile(folder / "a").write("half"); }
  EXPECT_EQ(folder.entries(), 0u);
}

TEST(NewFile, TwoWritersOfOneNameDoNotMeet) {
  const TemporaryFolder folder;
  NewFile first(folder / "a"), second(folder / "a");
  first.write("first");
  second.write("second");
  first.commit();
  second.commit();
  EXPECT_EQ(content(folder / "a"), "second");
}

TEST(NewFile, SaysWhyItCannotBeWritten) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file").close();
  EXPECT_USAGE_ERROR(NewFile(folder / "absent/a"), HasSubstr("No such file"));
  EXPECT_USAGE_ERROR(NewFile(folder / "file/a"), HasSubstr("Not a directory"));
  std::filesystem::create_directory(folder / "taken");
  NewFile onto_folder(folder / "taken");
  EXPECT_USAGE_ERROR(onto_folder.commit(), HasSubstr("taken"));
  {
    const FileSizeLimit full_disk(10);
    NewFile file(folder / "b");
    EXPECT_USAGE_ERROR(file.write(std::string(11, 'x')), HasSubstr("too large"));
  }
  EXPECT_EQ(folder.entries(), 2u);
}

TEST(MapFile, MapsBytesAndEmptyFiles) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "bytes";
  const MappedFile file = map_file(folder / "a");
  std::filesystem::remove(folder / "a");
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()), "bytes");
  std::ofstream(folder / "empty").close();
  EXPECT_TRUE(map_file(folder / "empty").bytes.empty());
}

}  // namespace
}  // namespace wan::io
