#include "harness/cli/stored_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/clip_keeper.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::cli {
namespace {

VideoClip clip_of(std::uint8_t value) {
  VideoClip clip{.frames = 1, .height = 2, .width = 2};
  clip.rgb.assign(12, value);
  return clip;
}

// A run whose first two cells kept their clips.
std::filesystem::path run_with_clips(const std::filesystem::path& root) {
  store::RunRecord run = testing::good_run();
  store::RunFolder folder = store::RunFolder::create(root, run, "clips");
  const run::ClipKeeper keeper(folder.path());
  for (std::size_t i = 0; i < 2; ++i) keeper.keep(clip_of(static_cast<std::uint8_t>(i)), run.configurations[0].cells[i]);
  folder.write_all(run);
  return folder.path();
}

TEST(StoredRun, KeptClipsAreChecked) {
  const testing::TemporaryFolder root;
  const auto path = run_with_clips(root.path());
  const StoredRun run = read_stored_run(path);
  EXPECT_EQ(run.folder, path);
  EXPECT_FALSE(run.record.configurations[0].cells[0].clip_file.empty());
  EXPECT_EQ(read_stored_run(path / "run.json").folder, path);
}

TEST(StoredRun, SwappedClipIsNamed) {
  const testing::TemporaryFolder root;
  const auto path = run_with_clips(root.path());
  const auto cells = read_stored_run(path).record.configurations[0].cells;
  std::filesystem::copy_file(path / cells[1].clip_file, path / cells[0].clip_file, std::filesystem::copy_options::overwrite_existing);
  try {
    read_stored_run(path);
    FAIL() << "accepted";
  } catch (const store::TamperError& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("bf16, prompt p1, seed 42"),
                                               ::testing::HasSubstr("is not the clip that was scored")));
  }
}

TEST(StoredRun, ClipThatCannotBeReadIsRefusedAndOneThatIsGoneIsNot) {
  const testing::TemporaryFolder root;
  const auto path = run_with_clips(root.path());
  const auto file = path / read_stored_run(path).record.configurations[0].cells[0].clip_file;
  std::filesystem::resize_file(file, 10);
  EXPECT_THROW(read_stored_run(path), store::TamperError);
  std::filesystem::remove(file);
  EXPECT_TRUE(read_stored_run(path).record.configurations[0].cells[0].clip_file.empty());
}

}  // namespace
}  // namespace wan::cli
