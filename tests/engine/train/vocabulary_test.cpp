#include "engine/train/vocabulary.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/text/tokenizer.h"
#include "engine/train/latent_pool.h"
#include "engine/train/world/caption.h"

namespace wan::train {
namespace {

text::Tokenizer make() { return text::Tokenizer::parse(io::JsonValue::parse(make_tokenizer_json(20000, 256), "tokenizer.json")); }

TEST(Vocabulary, EveryWordOfTheWorldIsOnePiece) {
  const auto tokenizer = make();
  for (const auto split : {world::Split::validation, world::Split::combinations})
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const std::string caption = world::describe(world::draw_scene(seed, split), seed);
      const auto ids = caption_tokens(tokenizer, caption, 64);
      std::size_t words = 2;  // the full stop and the end
      for (const char c : caption) words += c == ' ' || c == ',';
      EXPECT_EQ(ids.size(), words + 1) << caption;
      EXPECT_EQ(std::count(ids.begin(), ids.end(), 3), 0) << "unknown pieces in: " << caption;
      EXPECT_EQ(ids.back(), 1);
      EXPECT_LT(ids.size(), 40U) << caption;
    }
}

TEST(Vocabulary, OtherTextIsSpelt) {
  const auto tokenizer = make();
  const auto ids = caption_tokens(tokenizer, "Zebra!", 64);
  EXPECT_EQ(ids.size(), 8U);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), 3), 0);
  EXPECT_EQ(caption_tokens(tokenizer, "", 64), std::vector<std::int64_t>{1});
}

TEST(Vocabulary, IsTheSameEachTimeAndMustFit) {
  EXPECT_EQ(make_tokenizer_json(500, 256), make_tokenizer_json(500, 256));
  EXPECT_THROW(make_tokenizer_json(500, 50), CheckError);
}

}  // namespace
}  // namespace wan::train
