#include "harness/rollout/event_json.h"

#include <gtest/gtest.h>

#include "tests/support/harness/rollouts.h"
#include "tests/support/usage_error.h"

namespace wan::rollout {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Event full_event() {
  return {.at = "2026-01-31T00:00:00Z",
          .kind = EventKind::advanced,
          .configuration = "fast",
          .phase = Phase::batch,
          .subject = testing::fast_subject(),
          .evidence = Evidence{.run_id = "run \"1\"", .seal = "s", .build_id = "b", .outcome = "held", .prompts = 1, .seeds = 3}};
}

TEST(EventJson, ReadsWhatItWrites) {
  Event event = full_event();
  event.sequence = 7;
  event.seal = "seal";
  event.subject->weights_hash = "w";
  event.subject->configuration.thresholds.min_speedup = 2.0;
  event.subject->configuration.optimizations = {
      {.id = "fp8_linear", .parameters = {{"scope", std::string("ffn")}, {"n", std::int64_t{3}}}}};
  EXPECT_EQ(event_from_json_line(to_json_line(event), "x"), event);
  EXPECT_EQ(to_json_line(event).find('\n'), std::string::npos);
}

TEST(EventJson, RefusesEverythingElse) {
  const std::string line = to_json_line(full_event());
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = line;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_USAGE_ERROR(event_from_json_line("", "log:1"), HasSubstr("log:1"));
  EXPECT_USAGE_ERROR(event_from_json_line("[]", "log:1"), HasSubstr("log:1"));
  EXPECT_USAGE_ERROR(event_from_json_line(line + "x", "log:1"), HasSubstr("log:1"));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"schema\":1", "\"schema\":2"), "log:1"),
                     HasSubstr("log:1: written with rollout event schema 2, this program reads schema 1: use the wan-eval that wrote it"));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"batch\"", "\"beach\""), "log:1"),
                     AllOf(HasSubstr("phase"), HasSubstr("is none of single_prompt, batch")));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"advanced\"", "1"), "log:1"), HasSubstr("event"));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"run_id\"", "\"run_ids\""), "log:1"), HasSubstr("did you mean 'run_id'"));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"reason\":\"\",", ""), "log:1"), HasSubstr("'reason' is missing"));
  EXPECT_USAGE_ERROR(event_from_json_line(with("\"reason\":\"\"", "\"reason\":\"\",\"reason\":\"\""), "log:1"), HasSubstr("stands twice"));
}

}  // namespace
}  // namespace wan::rollout
