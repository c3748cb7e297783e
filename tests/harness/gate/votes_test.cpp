#include "harness/gate/votes.h"

#include <gtest/gtest.h>

#include "tests/support/usage_error.h"

namespace wan::gate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// As the page's script writes it, JSON.stringify(votes, null, 1).
constexpr const char* kText = R"({
 "schema": 1,
 "run": "0123456789abcdef",
 "page": "fedcba9876543210",
 "seed": 7,
 "sitting": "00ff00ff00ff00ff",
 "rater": "Ada \"L\" \u00e9",
 "trials": [
  {
   "id": "a",
   "choice": "left",
   "ms": 1500
  },
  {
   "id": "b",
   "choice": "none",
   "ms": 0
  }
 ]
}
)";

std::string edited(const std::string& from, const std::string& to) {
  std::string text = kText;
  return text.replace(text.find(from), from.size(), to);
}

TEST(Votes, AreReadAsThePageWritesThem) {
  const VoteSheet sheet = votes_from_json(kText, "v.json");
  EXPECT_EQ(sheet.rater, "Ada \"L\" \u00e9");
  EXPECT_EQ(sheet.seed, 7U);
  ASSERT_EQ(sheet.trials.size(), 2U);
  EXPECT_EQ(sheet.trials[0], (Vote{.id = "a", .choice = Choice::left, .ms = 1500}));
  EXPECT_EQ(votes_from_json(to_json(sheet), "again"), sheet);
}

TEST(Votes, EveryFaultNamesFileAndPlace) {
  const struct {
    const char *from, *to, *place, *what;
  } faults[]{{"\"schema\": 1", "\"schema\": 2", "v.json", "schema"},
             {"\"seed\": 7,", "", "v.json", "seed"},
             {"\"seed\": 7", "\"seed\": -7", "v.json.seed", ""},
             {"\"seed\": 7", "\"seed\": \"7\"", "v.json.seed", "expected"},
             {"\"seed\"", "\"sede\": 1, \"seed\"", "sede", "seed"},
             {"\"ms\": 1500", "\"ms\": 1500, \"extra\": 1", "v.json.trials[0]", "extra"},
             {"\"left\"", "\"up\"", "v.json.trials[0].choice", "left, right, tie, none"},
             {"\"ms\": 1500", "\"ms\": 1.5", "v.json.trials[0].ms", ""},
             {"\"ms\": 1500", "\"ms\": -1", "v.json.trials[0].ms", "-1"},
             {"\"b\"", "\"a\"", "v.json.trials[1].id", "twice"},
             {"}\n", "", "v.json", ""}};
  for (const auto& fault : faults) {
    SCOPED_TRACE(fault.to);
    EXPECT_USAGE_ERROR(votes_from_json(edited(fault.from, fault.to), "v.json"), AllOf(HasSubstr(fault.place), HasSubstr(fault.what)));
  }
  EXPECT_USAGE_ERROR(votes_from_json("", "v.json"), HasSubstr("v.json"));
  VoteSheet sheet = votes_from_json(kText, "v.json");
  sheet.trials.clear();
  EXPECT_USAGE_ERROR(votes_from_json(to_json(sheet), "v.json"), HasSubstr("no trial"));
  sheet.rater = std::string(2000, 'a');
  EXPECT_USAGE_ERROR(votes_from_json(to_json(sheet), "v.json"), HasSubstr("v.json.rater"));
}

}  // namespace
}  // namespace wan::gate
