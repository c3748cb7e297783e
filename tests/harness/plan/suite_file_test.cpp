#include <gtest/gtest.h>

#include "harness/plan/parse.h"
#include "tests/support/harness/plan_files.h"

namespace wan::plan {
namespace {

using testing::fake_known;
using testing::SuitesSandbox;
using testing::usage_error;

TEST(SuiteFile, ExtendsAnotherWithItsPromptsFirst) {
  const SuitesSandbox files;
  const auto path = files.write("prompts/more.toml", R"(schema = 1
id = "more"
purpose = "more of it"
extends = "small"
metrics = ["psnr.pooled"]
[[prompt]]
id = "dog"
category = "simple"
text = "A dog"
negative = "A cat"
)");
  const Suite suite = load_suite(path, fake_known());
  EXPECT_EQ(suite.id, "more");
  EXPECT_EQ(suite.purpose, "more of it");
  EXPECT_EQ(suite.seeds, (std::vector<std::uint64_t>{42, 123}));
  EXPECT_EQ(suite.metrics, std::vector<std::string>{"psnr.pooled"});
  EXPECT_EQ(
      suite.prompts,
      (std::vector<Prompt>{{"cat", "simple", "A cat", ""}, {"street", "lighting", "A street", ""}, {"dog", "simple", "A dog", "A cat"}}));
}

TEST(SuiteFile, FaultsOfTheWholeChainAreListed) {
  const SuitesSandbox files;
  files.write("prompts/below.toml",
              "schema = 1\nid = \"below\"\nextends = \"gone\"\nseeds = \"all\"\n[[prompt]]\nid = \"cat\"\nlength = 3\n");
  const auto path = files.write(
      "prompts/top.toml",
      "schema = 1\nid = \"top\"\nextends = \"below\"\nseeds = [7]\n[[prompt]]\nid = \"cat\"\ncategory = \"simple\"\ntext = \"A cat\"\n");
  EXPECT_EQ(usage_error(files.root(), [&] { load_suite(path, fake_known()); }),
            R"(prompts/gone.toml: cannot be read: No such file or directory
prompts/below.toml:4:9: a suite lists its seeds
prompts/below.toml:5:1: 'prompt.category' is missing
prompts/below.toml:5:1: 'prompt.text' is missing
prompts/below.toml:7:1: unknown key 'length'; there is category, id, negative, text (in [prompt])
prompts/top.toml:6:6: prompt 'cat' stands twice)");
}

TEST(SuiteFile, CirclesAndEmptySuitesAreFaults) {
  const SuitesSandbox files;
  files.write("prompts/a.toml", "schema = 1\nid = \"a\"\nextends = \"b\"\n");
  files.write("prompts/b.toml", "schema = 1\nid = \"b\"\nextends = \"a\"\n");
  const std::string text = usage_error(files.root(), [&] { load_suite(files.root() / "prompts/a.toml", fake_known()); });
  EXPECT_NE(text.find("prompts/b.toml:3:11: the suites that this one extends go round in a circle"), std::string::npos) << text;
  EXPECT_NE(text.find("prompts/a.toml:1:1: a suite needs at least one [[prompt]]"), std::string::npos) << text;
  EXPECT_NE(text.find("prompts/a.toml:1:1: a suite needs 'seeds'"), std::string::npos) << text;
}

}  // namespace
}  // namespace wan::plan
