#include "engine/lora_files.h"

#include <fstream>

#include "engine/generator.h"
#include "engine/io/safetensors.h"
#include "tests/support/engine/tensors.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/usage_error.h"

namespace wan {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ParseLora, TakesExpertPathAndScale) {
  const auto expect = [](const std::string& text, const LoraRequest& wanted) {
    const auto got = parse_lora(text);
    EXPECT_EQ(got.path, wanted.path) << text;
    EXPECT_EQ(got.scale, wanted.scale) << text;
    EXPECT_EQ(got.expert, wanted.expert) << text;
  };
  expect("a.safetensors", {.path = "a.safetensors"});
  expect("a.safetensors:0.5", {.path = "a.safetensors", .scale = 0.5});
  expect("high:a:b.safetensors:-2", {.path = "a:b.safetensors", .scale = -2, .expert = "high"});
  expect("low:dir/", {.path = "dir/", .expert = "low"});
  expect("c:/x.safetensors", {.path = "c:/x.safetensors"});
  expect("x:nan", {.path = "x:nan"});
  for (const char* text : {"", "high:", "low::0.5", ":1"}) EXPECT_USAGE_ERROR(parse_lora(text), HasSubstr("--lora"));
}

class LoraFolders : public ::testing::Test {
 protected:
  std::string make(const std::string& file) {
    std::filesystem::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << file;
    return (folder_ / file).string();
  }
  std::string folder(const std::string& name) { return (folder_ / name).string(); }
  static std::vector<std::string> names(const std::vector<checkpoint::LoraFile>& files) {
    std::vector<std::string> out;
    for (const auto& file : files) out.push_back(file.path.filename().string());
    return out;
  }
  using Names = std::vector<std::string>;
  testing::TemporaryFolder folder_;
};

TEST_F(LoraFolders, GiveEachExpertItsFiles) {
  const std::string one = make("one.safetensors");
  make("pair/Slow_HIGH.safetensors"), make("pair/a_low_noise.safetensors"), make("pair/notes.txt"), make("single/x.safetensors");
  const std::vector<LoraRequest> requests = {{.path = one},
                                             {.path = one, .expert = "low"},
                                             {.path = folder("pair"), .scale = 0.5},
                                             {.path = folder("pair"), .expert = "high"},
                                             {.path = folder("single")}};
  const auto two = find_loras(requests, true);
  EXPECT_EQ(names(two.high_noise), (Names{"one.safetensors", "Slow_HIGH.safetensors", "Slow_HIGH.safetensors", "x.safetensors"}));
  EXPECT_EQ(names(two.low_noise), (Names{"one.safetensors", "one.safetensors", "a_low_noise.safetensors", "x.safetensors"}));
  EXPECT_EQ(two.low_noise[2].scale, 0.5);
  const auto single = find_loras(std::span(requests).first(1), false);
  EXPECT_EQ(names(single.high_noise), (Names{"one.safetensors"}));
  EXPECT_TRUE(single.low_noise.empty());
}

TEST_F(LoraFolders, ThatAreUnclearAreAllNamed) {
  make("many/high.safetensors"), make("many/low.safetensors"), make("many/low2.safetensors");
  make("same/high1.safetensors"), make("same/high2.safetensors");
  std::filesystem::create_directories(folder_ / "none");
  const std::vector<LoraRequest> requests = {
      {.path = folder("gone")}, {.path = folder("many")}, {.path = folder("same")}, {.path = folder("none")}};
  EXPECT_USAGE_ERROR(find_loras(requests, true), AllOf(HasSubstr("gone: does not exist"), HasSubstr("many: a folder with 3"),
                                                       HasSubstr("same: a folder with 2"), HasSubstr("none: a folder with 0")));
  const std::vector<LoraRequest> for_one = {{.path = folder("many/high.safetensors"), .expert = "high"}};
  EXPECT_USAGE_ERROR(find_loras(for_one, false), HasSubstr("only one"));
}

TEST_F(LoraFolders, AreInTheHash) {
  const LoraRequest a{.path = make("a.safetensors")}, b{.path = make("b.safetensors")};
  auto half = a, low = a;
  half.scale = 0.5;
  low.expert = "low";
  const auto hash = [](const std::vector<LoraRequest>& requests) { return hash_with_loras("weights", find_loras(requests, true)); };
  EXPECT_EQ(hash({}), "weights");
  const std::set<std::string> hashes = {hash({}), hash({a}), hash({b}), hash({half}), hash({low}), hash({a, b}), hash({b, a})};
  EXPECT_EQ(hashes.size(), 7U);
  EXPECT_EQ(hash({a, b}), hash({a, b}));
}

// A difference that turns the low-noise expert's output projection into nothing: the clip changes, and its identity with it.
TEST_F(LoraFolders, ChangeTheClip) {
  const auto root = test::oracle_case("t2v_two_experts_dev", "official");
  ASSERT_FALSE(root.empty());
  const auto weight =
      test::read_tensor(root / "official/low_noise_model/diffusion_pytorch_model-00002-of-00002.safetensors", "head.head.weight");
  test::write_tensor(folder_ / "x.safetensors", "diffusion_model.head.head.diff", -weight);
  const auto run = [&](std::vector<LoraRequest> loras) {
    Generator generator({.checkpoint_dir = (root / "official").string(), .precision = Precision::float32, .loras = std::move(loras)});
    return std::pair{
        generator.load_report().weights_hash,
        generator
            .generate({.prompt = "a", .width = 32, .height = 32, .frames = 1, .steps = 2, .shift = 1.0, .seed = 1, .keep_latents = true})
            .latents.values};
  };
  const auto plain = run({}), merged = run({{.path = folder("x.safetensors"), .expert = "low"}}),
             off = run({{.path = folder("x.safetensors"), .scale = 0}});
  EXPECT_NE(merged.second, plain.second);
  EXPECT_EQ(off.second, plain.second);
  EXPECT_NE(merged.first, plain.first);
  EXPECT_NE(off.first, plain.first);
  test::write_tensor(folder_ / "bad.safetensors", "blocks.99.self_attn.q.lora_A.weight", weight);
  EXPECT_USAGE_ERROR(run({{.path = folder("bad.safetensors")}}), HasSubstr("blocks.99.self_attn.q.lora_A.weight"));
}

}  // namespace
}  // namespace wan
