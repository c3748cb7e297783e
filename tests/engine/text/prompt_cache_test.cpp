#include "engine/text/prompt_cache.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>

#include "engine/runtime/tensor.h"
#include "tests/support/engine/tensors.h"
#include "tests/support/temporary_folder.h"

namespace wan::text {
namespace {

using Ids = std::vector<std::int64_t>;

class PromptCacheTest : public ::testing::Test {
 protected:
  testing::TemporaryFolder folder_;
  const std::filesystem::path place_ = folder_.path() / "made" / "prompts";
  const PromptCache cache_{place_, "encoder"};
  const Ids ids_ = {5, 7, 1};
  const at::Tensor states_ = test::random_tensor({1, 3, 8}, 1);

  std::size_t files() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(place_), {})); }
};

TEST_F(PromptCacheTest, AHitIsWhatWasStoredBitForBit) {
  for (const auto dtype : {at::kFloat, at::kBFloat16}) {
    const at::Tensor states = states_.to(dtype);
    cache_.store(ids_, states);
    const auto hit = cache_.find(ids_, 8, dtype);
    ASSERT_TRUE(hit);
    EXPECT_EQ(hit->scalar_type(), dtype);
    EXPECT_TRUE(hit->equal(states));
  }
  EXPECT_EQ(files(), 1U) << "nothing but the entry stays";
}

TEST_F(PromptCacheTest, OtherIdsAndOtherIdentitiesMiss) {
  EXPECT_FALSE(cache_.find(ids_, 8, at::kFloat)) << "an empty cache, whose folder is not there yet";
  cache_.store(ids_, states_);
  EXPECT_FALSE(cache_.find(Ids{5, 71}, 8, at::kFloat)) << "ids must not run into one another";
  EXPECT_FALSE(cache_.find(Ids{57, 1}, 8, at::kFloat));
  EXPECT_FALSE(PromptCache(place_, "another").find(ids_, 8, at::kFloat));
  EXPECT_TRUE(PromptCache(place_, "encoder").find(ids_, 8, at::kFloat));
}

TEST_F(PromptCacheTest, ADamagedEntryIsAMissAndWrittenAnew) {
  cache_.store(ids_, states_);
  const auto path = cache_.file_of(ids_);
  const auto size = std::filesystem::file_size(path);
  const auto damage = [&](std::uintmax_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char old = static_cast<char>(file.get());
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(static_cast<char>(old ^ 4));
  };
  for (const std::uintmax_t offset : {std::uintmax_t{0}, std::uintmax_t{20}, size - 1}) {
    damage(offset);
    EXPECT_FALSE(cache_.find(ids_, 8, at::kFloat)) << "a bit flipped at " << offset;
    cache_.store(ids_, states_);
    EXPECT_TRUE(cache_.find(ids_, 8, at::kFloat));
  }
  std::filesystem::resize_file(path, size / 2);
  EXPECT_FALSE(cache_.find(ids_, 8, at::kFloat));
  std::filesystem::resize_file(path, 0);
  EXPECT_FALSE(cache_.find(ids_, 8, at::kFloat));
  cache_.store(ids_, states_);
  EXPECT_FALSE(cache_.find(ids_, 16, at::kFloat)) << "of another width";
  EXPECT_FALSE(cache_.find(ids_, 8, at::kBFloat16)) << "of another dtype";
}

TEST_F(PromptCacheTest, TheLeastRecentlyUsedEntriesGo) {
  const at::Tensor large = test::random_tensor({1, 1, 1000}, 2);  // 4000 bytes and a header
  const PromptCache small(place_, "encoder", 10'000);             // holds two
  const auto age = [&](std::int64_t id, int hours) {
    std::filesystem::last_write_time(small.file_of(Ids{id}), std::filesystem::file_time_type::clock::now() - std::chrono::hours(hours));
  };
  for (const std::int64_t id : {1, 2}) small.store(Ids{id}, large);
  age(1, 3), age(2, 2);
  EXPECT_TRUE(small.find(Ids{1}, 1000, at::kFloat)) << "and is now the younger one";
  std::ofstream(place_ / ".partial-1-0-left.safetensors") << "by a killed writer";
  std::ofstream(place_ / ".partial-2-0-busy.safetensors") << "being written";
  std::filesystem::last_write_time(place_ / ".partial-1-0-left.safetensors",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
  small.store(Ids{3}, large);
  EXPECT_TRUE(small.find(Ids{1}, 1000, at::kFloat));
  EXPECT_FALSE(small.find(Ids{2}, 1000, at::kFloat));
  EXPECT_TRUE(small.find(Ids{3}, 1000, at::kFloat));
  EXPECT_FALSE(std::filesystem::exists(place_ / ".partial-1-0-left.safetensors"));
  EXPECT_TRUE(std::filesystem::exists(place_ / ".partial-2-0-busy.safetensors"));
}

TEST_F(PromptCacheTest, AFolderThatCannotBeWrittenIsNoFailure) {
  std::ofstream(folder_.path() / "file") << "no folder";
  const PromptCache nowhere(folder_.path() / "file" / "prompts", "encoder");
  EXPECT_NO_THROW(nowhere.store(ids_, states_));
  EXPECT_FALSE(nowhere.find(ids_, 8, at::kFloat));
}

// Processes that write and evict the same few entries at once: whoever finds one finds it whole.
TEST_F(PromptCacheTest, ProcessesMayShareAFolder) {
  constexpr int kProcesses = 2, kRounds = 60;
  const auto value = [](std::int64_t id) { return at::Tensor(test::random_tensor({1, 1, 1000}, static_cast<std::uint64_t>(id))); };
  std::vector<pid_t> children;
  for (int p = 0; p < kProcesses; ++p) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const PromptCache cache(place_, "encoder", 10'000);
      int wrong = 0;
      for (std::int64_t i = 0; i < kRounds; ++i) {
        const std::int64_t id = (i + p) % 4;
        if (const auto hit = cache.find(Ids{id}, 1000, at::kFloat))
          wrong += std::memcmp(hit->const_data_ptr(), value(id).const_data_ptr(), 4000) != 0;
        else
          cache.store(Ids{id}, value(id));
      }
      ::_exit(wrong == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  for (const auto& file : std::filesystem::directory_iterator(place_)) EXPECT_EQ(file.path().extension(), ".safetensors");
}

}  // namespace
}  // namespace wan::text
