// Runs under whatever can happen to one: workers and the harness itself killed at any moment, disks that fill, torn and corrupted ends of
// logs, workers that hang, clocks that jump. Each must end as the undisturbed run did: same clips, same scores, nothing lost that was
// stored, and on the virtual clock the same verdicts with the same figures. Nothing here looks at the machine's clock.
//
// WAN_CHAOS_RUNS sets the number of runs (ci/nightly asks for ten times the default), WAN_CHAOS_SEED one run alone, to repeat it.
#include <fmt/core.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "engine/base/log.h"
#include "harness/gate/judge.h"
#include "harness/gate/visit_times.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/fake_executor.h"
#include "tests/support/harness/sitting.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::run {
namespace {

using Kind = testing::Disturbance::Kind;
using testing::SittingEnd;
using CellId = std::pair<std::string, std::string>;  // configuration and prompt

constexpr std::uint64_t kSeed = 20261123;
constexpr std::int64_t kTenYears_s = 10LL * 365 * 86400;
constexpr std::size_t kPrompts = 8, kBlocks = 6;  // so that visits have one cell or two
constexpr std::size_t kMostWorkersLost = 2;       // in a sitting: the retries of a clip
constexpr std::size_t kLeastBytes = 2000;         // a clip's file and a worker's memory file are smaller

std::size_t from_environment(const char* name, std::size_t otherwise) {
  const char* asked = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no other thread is there
  return asked ? std::stoul(asked) : otherwise;
}

// Two configurations, one of which claims speed over the other; the first prompt is driven along the baseline's trajectory.
plan::RunPlan chaos_plan() {
  plan::RunPlan plan = testing::small_plan(kPrompts, {"mse", "psnr"});
  plan.shape.width = plan.shape.height = 8;
  plan.configurations.erase(plan.configurations.begin() + 1);
  for (auto& configuration : plan.configurations) configuration.shape = plan.shape;
  plan.configurations[1].configuration.speed_baseline = "bf16";
  std::erase_if(plan.cells, [](const auto& cell) { return cell.configuration == 1; });
  for (auto& cell : plan.cells) {
    cell.configuration = std::min<std::size_t>(cell.configuration, 1);
    cell.teacher_forced = cell.prompt == 0;
  }
  return plan;
}

// Memory that a forked process shares with this one.
class SharedNotes {
 public:
  SharedNotes() : memory_(::mmap(nullptr, sizeof(testing::SittingNotes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::runtime_error("mmap");
  }
  ~SharedNotes() { ::munmap(memory_, sizeof(testing::SittingNotes)); }
  SharedNotes(const SharedNotes&) = delete;  // one mapping
  testing::SittingNotes& operator*() const { return *static_cast<testing::SittingNotes*>(memory_); }

 private:
  void* memory_;
};

std::vector<std::filesystem::path> folders_of_runs(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(root))
    if (std::filesystem::exists(entry.path() / "run.json")) folders.push_back(entry.path());
  return folders;
}

std::set<CellId> stored_cells(const store::RunRecord& run) {
  std::set<CellId> stored;
  for (const auto& configuration : run.configurations)
    for (const auto& cell : configuration.cells)
      if (cell.status == store::CellStatus::done) stored.emplace(cell.configuration, cell.prompt);
  return stored;
}

class Chaos : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }  // torn lines are what this is about
  static void TearDownTestSuite() { log::set_level(log::Level::warn); }

  SittingEnd sit(const std::filesystem::path& root, const std::vector<testing::Disturbance>& disturbances = {}) {
    return testing::sit({.plan = plan_,
                         .schedule = schedule_,
                         .request = request_,
                         .root = root,
                         .worker_program = std::string(WAN_BINARY_DIR) + "/bin/wan-eval",
                         .wall_clock_ahead_s = static_cast<std::int64_t>(draw(2 * kTenYears_s)) - kTenYears_s,
                         .clock_s = static_cast<double>(draw(1000000)),
                         .disturbances = disturbances},
                        *notes_);
  }
  void make_undisturbed();
  void disturb_runs(std::size_t share);  // of those that are asked for, one in so many
  void disturb_a_run(std::uint64_t seed);

  std::uint64_t draw(std::uint64_t below) { return random_() % below; }  // the library's own distributions differ between machines
  std::vector<testing::Disturbance> draw_disturbances(const std::filesystem::path& root);
  void check_nothing_is_lost(const std::filesystem::path& root);
  void corrupt_a_log(const std::filesystem::path& root);
  void expect_as_undisturbed(const store::RunRecord& run, const std::filesystem::path& folder) const;
  std::optional<std::filesystem::path> unfinished(const std::filesystem::path& root) const;

  plan::RunPlan plan_ = chaos_plan();
  plan::Schedule schedule_ = plan::make_schedule(plan_, kBlocks, 7);
  RunRequest request_ = testing::small_request();
  SharedNotes notes_;
  std::mt19937_64 random_{kSeed};
  testing::TemporaryFolder folder_;
  store::RunRecord undisturbed_;
  std::size_t moments_ = 0;  // of the undisturbed run
  std::set<CellId> stored_ = {};
  std::string story_;
  std::map<std::string, std::size_t> happened_;
};

void Chaos::make_undisturbed() {
  const auto root = folder_.path() / "undisturbed";
  ASSERT_EQ(sit(root), SittingEnd::finished) << testing::read_file(root.string() + ".log");
  undisturbed_ = store::read_run(folders_of_runs(root).at(0));
  moments_ = (*notes_).moments;
  ASSERT_TRUE(undisturbed_.complete);
  ASSERT_EQ(stored_cells(undisturbed_).size(), plan_.cells.size());
}

// One that ends the sitting, if it lasts so long, and no more of the workers' than a clip has retries.
std::vector<testing::Disturbance> Chaos::draw_disturbances(const std::filesystem::path& root) {
  std::vector<testing::Disturbance> drawn;
  constexpr Kind kOfWorkers[] = {Kind::kill_worker, Kind::kill_busy_worker, Kind::hang_worker, Kind::kill_loading_worker};
  constexpr Kind kEnds[] = {Kind::kill_harness, Kind::kill_harness, Kind::kill_while_writing, Kind::full_disk};
  const std::size_t lasts = 1 + moments_ * (plan_.cells.size() - stored_.size()) / plan_.cells.size();
  for (std::uint64_t i = draw(kMostWorkersLost + 1); i > 0; --i) drawn.push_back({.kind = kOfWorkers[draw(4)], .moment = draw(lasts)});
  const auto folder = unfinished(root);
  const std::size_t written = folder ? std::filesystem::file_size(*folder / "cells.jsonl") : 0;
  drawn.push_back({.kind = kEnds[draw(4)], .moment = draw(lasts), .bytes = std::max<std::size_t>(kLeastBytes, written + draw(4000))});
  std::sort(drawn.begin(), drawn.end(), [](const auto& a, const auto& b) { return a.moment < b.moment; });
  for (const auto& one : drawn) {
    story_ += fmt::format(" {}@{}", to_string(one.kind), one.moment);
    if (one.bytes > 0) story_ += fmt::format("/{}", one.bytes);
  }
  return drawn;
}

std::optional<std::filesystem::path> Chaos::unfinished(const std::filesystem::path& root) const {
  std::optional<std::filesystem::path> found;
  for (const auto& folder : folders_of_runs(root)) {
    if (store::read_run(folder).complete) continue;
    EXPECT_FALSE(found.has_value()) << "a run that could be resumed was begun anew";
    found = folder;
  }
  return found;
}

// What was stored before this sitting is stored, and of the clips that it was given at most one, the last, is not.
void Chaos::check_nothing_is_lost(const std::filesystem::path& root) {
  const auto folder = unfinished(root);
  const std::set<CellId> stored = folder ? stored_cells(store::read_run(*folder)) : std::set<CellId>{};
  EXPECT_TRUE(std::includes(stored.begin(), stored.end(), stored_.begin(), stored_.end())) << "a cell was lost";
  std::size_t lost = 0;
  for (std::size_t i = 0; i < plan_.cells.size(); ++i) {
    const plan::PlannedCell& cell = plan_.cells[i];
    const bool is_stored = stored.contains({plan_.configurations[cell.configuration].configuration.id, plan_.prompts[cell.prompt].id});
    lost += (*notes_).given.at(i) && !is_stored;
  }
  EXPECT_LE(lost, 1U) << "more than the running one";
  stored_ = stored;
}

// The end of a log torn off, overwritten or overgrown with what is no text: a machine that lost its power leaves the like.
void Chaos::corrupt_a_log(const std::filesystem::path& root) {
  const auto folder = unfinished(root);
  if (!folder || draw(2) == 0) return;
  const auto log = *folder / (draw(2) == 0 ? "cells.jsonl" : "visits.jsonl");
  std::string text = testing::read_file(log);
  if (text.empty()) return;
  const std::size_t last = text.size() < 2 ? 0 : text.rfind('\n', text.size() - 2) + 1;  // of the last whole or torn line
  const std::size_t from = last + draw(text.size() - last);
  const std::uint64_t how = draw(3);
  if (how == 0) text.resize(from);
  if (how == 1) std::fill(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), '\0');
  if (how == 2)
    for (std::uint64_t i = 1 + draw(300); i > 0; --i) text += draw(32) == 0 ? '\n' : static_cast<char>(128 + draw(128));
  std::ofstream(log, std::ios::binary | std::ios::trunc) << text;
  constexpr const char* kHow[] = {"torn", "zeros", "garbage"};
  story_ += fmt::format(" {}:{}@{}", kHow[how], log.filename().string(), from);
  ++happened_[fmt::format("{} end of {}", kHow[how], log.filename().string())];
  const std::set<CellId> left = stored_cells(store::read_run(*folder));
  EXPECT_LE(stored_.size() - left.size(), 1U) << "the last line is one cell's";
  stored_ = left;
}

void Chaos::expect_as_undisturbed(const store::RunRecord& run, const std::filesystem::path& folder) const {
  ASSERT_EQ(run.configurations.size(), undisturbed_.configurations.size());
  for (std::size_t i = 0; i < run.configurations.size(); ++i) {
    ASSERT_EQ(run.configurations[i].cells.size(), undisturbed_.configurations[i].cells.size());
    for (std::size_t j = 0; j < run.configurations[i].cells.size(); ++j) {
      const store::Cell &cell = run.configurations[i].cells[j], &expected = undisturbed_.configurations[i].cells[j];
      SCOPED_TRACE(cell.configuration + " " + cell.prompt + " " + cell.reason);
      EXPECT_EQ(cell.status, store::CellStatus::done);
      EXPECT_EQ(cell.key, expected.key);
      EXPECT_EQ(cell.clip_hash, expected.clip_hash);
      EXPECT_EQ(cell.scores, expected.scores);
      EXPECT_TRUE(std::filesystem::exists(folder / cell.clip_file));
    }
  }
  ASSERT_EQ(run.visits.size(), undisturbed_.visits.size());
  for (std::size_t i = 0; i < run.visits.size(); ++i) {
    EXPECT_EQ(run.visits[i].configuration, undisturbed_.visits[i].configuration);
    EXPECT_EQ(run.visits[i].block, undisturbed_.visits[i].block);
    EXPECT_EQ(run.visits[i].clip_s, undisturbed_.visits[i].clip_s);
    EXPECT_EQ(gate::visit_s(run.visits[i]), gate::visit_s(undisturbed_.visits[i]));
    EXPECT_EQ(run.visits[i].void_reason, "");
  }
  EXPECT_TRUE(gate::judge(run) == gate::judge(undisturbed_)) << "another verdict, or other figures";
}

void Chaos::disturb_a_run(std::uint64_t seed) {
  random_.seed(seed);
  story_ = fmt::format("repeat with WAN_CHAOS_SEED={}:", seed);
  stored_.clear();
  const auto root = folder_.path() / std::to_string(seed);
  std::filesystem::create_directories(root);
  // A finished run of the same plan, by its name of a later day: nobody may resume that one.
  const auto decoy = root / "29991231T235959Z-chaos-decoy";
  std::filesystem::copy(folders_of_runs(folder_.path() / "undisturbed").at(0), decoy, std::filesystem::copy_options::recursive);
  SittingEnd end = SittingEnd::killed;
  for (std::uint64_t left = 2 + draw(3); end != SittingEnd::finished && !HasFailure(); --left) {
    story_ += " |";
    end = sit(root, left > 0 ? draw_disturbances(root) : std::vector<testing::Disturbance>{});
    for (std::size_t kind = 0; kind < testing::Disturbance::kKinds; ++kind)
      if (const auto times = (*notes_).happened.at(kind)) happened_[to_string(static_cast<Kind>(kind))] += times;
    ++happened_["sittings"];
    ASSERT_NE(end, SittingEnd::broken) << story_ << "\n" << testing::read_file(root.string() + ".log");
    if (end == SittingEnd::finished) break;
    ASSERT_GT(left, 0U) << story_ << ": an undisturbed sitting ends a run";
    check_nothing_is_lost(root);
    corrupt_a_log(root);
  }
  const auto folders = folders_of_runs(root);
  ASSERT_EQ(folders.size(), 2U) << story_;
  const auto& folder = folders[0] == decoy ? folders[1] : folders[0];
  const store::RunRecord run = store::read_run(folder);
  EXPECT_TRUE(run.complete);
  expect_as_undisturbed(run, folder);
  EXPECT_FALSE(HasFailure()) << story_ << "\n" << testing::read_file(root.string() + ".log");
  std::filesystem::remove_all(root);
}

void Chaos::disturb_runs(std::size_t share) {
  make_undisturbed();
  const std::size_t alone = from_environment("WAN_CHAOS_SEED", 0);
  const std::size_t runs = alone > 0 ? 1 : from_environment("WAN_CHAOS_RUNS", 20) / share;
  for (std::size_t i = 0; i < runs && !HasFailure(); ++i) disturb_a_run(alone > 0 ? alone : kSeed + i);
  fmt::print("{} runs:", runs);
  for (const auto& [what, count] : happened_) fmt::print(" {} {},", count, what);
  fmt::print(" every wall clock set anew\n");
}

TEST_F(Chaos, DisturbedRunsEndAsTheUndisturbedOne) { disturb_runs(1); }

TEST_F(Chaos, DisturbedRunsOfTimedStepsEndAsTheUndisturbedOne) {
  schedule_.steps_a_visit = 1;
  disturb_runs(4);
}

}  // namespace
}  // namespace wan::run
