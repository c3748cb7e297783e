#include "harness/store/seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/store/record_json.h"
#include "harness/store/result_store.h"
#include "tests/support/harness/records.h"
#include "tests/support/harness/run_folders.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::store {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

RunRecord run_of(const std::string& build) {
  RunRecord run = testing::good_run();
  run.environment.build_id = build;
  run.plan_hash = "plan";
  run.weights_hash = "weights";
  return run;
}

std::string fault_of(const std::filesystem::path& path) {
  try {
    read_run(path);
  } catch (const TamperError& error) {
    return error.what();
  }
  return "accepted";
}

class SealTest : public ::testing::Test {
 protected:
  std::filesystem::path stored() { return testing::store_run(root_.path(), "run", run_of("build")); }
  testing::TemporaryFolder root_;
};

TEST_F(SealTest, WhatIsUntouchedIsAccepted) {
  EXPECT_EQ(fault_of(stored()), "accepted");
  std::ofstream(root_.path() / "export.json") << to_json(read_run(root_.path() / "run"));
  EXPECT_EQ(fault_of(root_.path() / "export.json"), "accepted");
}

TEST_F(SealTest, EditedScoreIsNamedWithItsCell) {
  const auto path = stored();
  testing::edit_file(path / "cells.jsonl", R"("configuration":"fast","prompt":"p1")", R"("configuration":"fast","prompt":"p1" )");
  EXPECT_EQ(fault_of(path), "accepted") << "blanks are no content";
  std::string text = testing::read_file(path / "cells.jsonl");
  const auto line = text.find(R"("configuration":"fast","prompt":"p3")");
  const auto value = text.find("0.97", line);
  text.replace(value, 4, "0.98");
  std::ofstream(path / "cells.jsonl") << text;
  EXPECT_THAT(fault_of(path), AllOf(HasSubstr("cells.jsonl:21: fast, prompt p3, seed 42"), HasSubstr("changed after it was stored")));
}

TEST_F(SealTest, EditedScoreOfAnExportIsNamedToo) {
  stored();
  std::ofstream(root_.path() / "export.json") << to_json(read_run(root_.path() / "run"));
  testing::edit_file(root_.path() / "export.json", R"("mean":0.04)", R"("mean":0.01)");
  EXPECT_THAT(fault_of(root_.path() / "export.json"), HasSubstr("bf16_twin, prompt p1, seed 42"));
}

TEST_F(SealTest, OtherBinaryPlanOrWeightsAreToldFromAnEditedCell) {
  const auto path = stored();
  const auto other = testing::store_run(root_.path(), "other", run_of("another build"));
  for (const char* file : {"cells.jsonl", "visits.jsonl"})
    std::filesystem::copy_file(other / file, path / file, std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(fault_of(path), AllOf(HasSubstr("none of the 48 stored results was sealed by build build"), HasSubstr("another binary")));
}

TEST_F(SealTest, EditedHeaderIsNoticed) {
  for (const auto& [from, to] :
       {std::pair(R"("build_id": "build")", R"("build_id": "nicer")"), std::pair(R"("max_lpips":0.05)", R"("max_lpips":0.5)"),
        std::pair(R"("complete": true)", R"("complete": false)"), std::pair(R"("status":"done")", R"("status":"failed")")}) {
    const testing::TemporaryFolder root;
    const auto path = testing::store_run(root.path(), "run", run_of("build"));
    testing::edit_file(path / "run.json", from, to);
    EXPECT_THAT(fault_of(path), HasSubstr("run.json: was changed after it was written")) << from;
  }
}

TEST_F(SealTest, LineThatIsGoneOrOldIsNoticedOnceTheRunIsClosed) {
  const auto path = stored();
  const std::string text = testing::read_file(path / "cells.jsonl");
  std::ofstream(path / "cells.jsonl") << text.substr(text.find('\n') + 1);
  EXPECT_THAT(fault_of(path), AllOf(HasSubstr("bf16, prompt p1, seed 42"), HasSubstr("was closed with")));
  std::filesystem::remove(path / "cells.jsonl");
  EXPECT_THAT(fault_of(path), HasSubstr("was closed with"));
  RunRecord run = run_of("build");  // an honest line of an earlier attempt, put behind the one that counts
  Cell earlier = run.configurations[0].cells[0];
  testing::fail(earlier, "crash: first attempt");
  earlier.seal = seal_of(earlier, identity_of(run));
  std::ofstream(path / "cells.jsonl") << text << to_json_line(earlier) << "\n";
  EXPECT_THAT(fault_of(path), HasSubstr("bf16, prompt p1, seed 42"));
}

TEST_F(SealTest, EditedTimeOfAVisitIsNamed) {
  RunRecord run = run_of("build");
  run.visits.clear();
  for (std::int64_t block = 0; block < 2; ++block) run.visits.push_back({.configuration = "fast", .block = block, .clip_s = {0.5}});
  const auto path = testing::store_run(root_.path(), "run", run);
  EXPECT_EQ(fault_of(path), "accepted");
  EXPECT_EQ(read_run(path).visits.size(), 2u);
  const std::string text = testing::read_file(path / "visits.jsonl");
  testing::edit_file(path / "visits.jsonl", R"("clip_s":[0.5])", R"("clip_s":[0.4])");
  EXPECT_THAT(fault_of(path), HasSubstr("visits.jsonl:1: fast, visit of block 0"));
  std::ofstream(path / "visits.jsonl") << text.substr(text.find('\n') + 1);
  EXPECT_THAT(fault_of(path), HasSubstr("visits.jsonl does not hold the visits that the run was closed with"));
}

TEST_F(SealTest, EveryFieldOfACellIsSealedButThePlaceOfItsClip) {
  const RunRecord run = run_of("build");
  const Identity identity = identity_of(run);
  const Cell cell = run.configurations[3].cells[0];
  Cell moved = cell;
  moved.clip_file = "clips/a.safetensors";
  moved.seal = "any";
  EXPECT_EQ(seal_of(moved, identity), seal_of(cell, identity));
  const auto changed = [&](auto change) {
    Cell other = cell;
    change(other);
    return seal_of(other, identity) != seal_of(cell, identity);
  };
  EXPECT_TRUE(changed([](Cell& other) { other.seed = 43; }));
  EXPECT_TRUE(changed([](Cell& other) { other.key += "x"; }));
  EXPECT_TRUE(changed([](Cell& other) { other.clip_hash += "x"; }));
  EXPECT_TRUE(changed([](Cell& other) { other.elapsed_s *= 1 + 1e-15; }));
  EXPECT_TRUE(changed([](Cell& other) { other.scores.artifacts[0].fired = true; }));
  for (auto part : {&Identity::build_id, &Identity::plan_hash, &Identity::weights_hash}) {
    Identity other = identity;
    other.*part += "x";
    EXPECT_NE(seal_of(cell, other), seal_of(cell, identity));
  }
  EXPECT_NE(seal_of(cell, {.build_id = "ab", .plan_hash = "c", .weights_hash = ""}),
            seal_of(cell, {.build_id = "a", .plan_hash = "bc", .weights_hash = ""}));
}

TEST_F(SealTest, CellWhoseLoadFailedWasSealedBeforeTheWeightsWereKnown) {
  RunRecord run = run_of("build");
  testing::fail(run.configurations[0].cells[0], "crash: no load");
  Identity unknown = identity_of(run);
  unknown.weights_hash.clear();
  run.configurations[0].cells[0].seal = seal_of(run.configurations[0].cells[0], unknown);
  run.configurations[0].cells[1].seal = seal_of(run.configurations[0].cells[1], unknown);
  SealCheck check(run, "run");
  check.add(run.configurations[0].cells[0], "log:1");
  EXPECT_NO_THROW(check.finish());
  check.add(run.configurations[0].cells[1], "log:2");
  EXPECT_THROW(check.finish(), TamperError) << "a finished clip has weights";
}

TEST_F(SealTest, ClipOutsideOfItsFolderIsRefused) {
  for (const char* file : {"../run.json", "clips/../../x", "run.json", "clips/.."}) {
    RunRecord run = run_of("build");
    run.configurations[0].cells[0].clip_file = file;
    const testing::TemporaryFolder root;
    EXPECT_THAT(fault_of(testing::store_run(root.path(), "run", run)), HasSubstr("is none of this run")) << file;
  }
}

}  // namespace
}  // namespace wan::store
