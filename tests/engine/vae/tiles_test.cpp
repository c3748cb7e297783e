#include "engine/vae/tiles.h"

#include "engine/base/error.h"
#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

TEST(Tiles, MarginIsWhatTheConvolutionsSee) {
  // Wan2.1, pixels wrong beside an edge: 1 (the first stage's), then 2 x + 6 + 1 doubled twice: 1 -> 2 + 1 + 2 * 6 ... = 50 of 8 a
  // position.
  EXPECT_EQ(tile_margin(VaeConfig{}), 7);
  // One residual block a stage less, three stages: 1, then (1 + 4) * 2 + 1 = 11, then 11 + 4 + 1 = 16 pixels of 4 a position.
  EXPECT_EQ(tile_margin(small_config()), 4);
}

TEST(Tiles, CoverEveryPositionOnceWithTheirMargins) {
  for (const std::int64_t margin : {0, 1, 4, 7})
    for (const std::int64_t tile : {15, 16, 33, 64})
      for (std::int64_t extent = 1; extent < 200; ++extent) {
        SCOPED_TRACE(testing::Message() << "extent " << extent << " tile " << tile << " margin " << margin);
        std::int64_t at = 0;
        for (const Tile& t : cut_into_tiles(extent, tile, margin)) {
          ASSERT_LE(t.size, tile);
          ASSERT_EQ(t.start + t.keep_start, at);
          ASSERT_GT(t.keep_size, 0);
          ASSERT_TRUE(t.start == 0 || t.keep_start == margin);
          at += t.keep_size;
          ASSERT_TRUE(t.start + t.size == extent || t.start + t.size == at + margin);
        }
        ASSERT_EQ(at, extent);
      }
}

TEST(Tiles, AreFewAndAboutEqual) {
  EXPECT_EQ(cut_into_tiles(64, 64, 7).size(), 1U);
  const auto wide = cut_into_tiles(160, 64, 7);  // 57 + 50 + 57 >= 160
  ASSERT_EQ(wide.size(), 3U);
  EXPECT_EQ(wide[0], (Tile{.start = 0, .size = 63, .keep_start = 0, .keep_size = 56}));
  EXPECT_EQ(wide[1], (Tile{.start = 49, .size = 63, .keep_start = 7, .keep_size = 49}));
  EXPECT_EQ(wide[2], (Tile{.start = 98, .size = 62, .keep_start = 7, .keep_size = 55}));
  EXPECT_THROW(cut_into_tiles(160, 14, 7), CheckError);
}

}  // namespace
}  // namespace wan::vae
