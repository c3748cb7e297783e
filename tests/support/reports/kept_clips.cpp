#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/media/clip_file.h"
#include "tests/support/reports/fixture.h"

namespace wan::reports::testing {
namespace {

// A moving gradient with a bright disc; `error` shifts brightness and adds a checker pattern that grows over the frames.
VideoClip clip(double error) {
  VideoClip clip{.frames = 17, .height = 96, .width = 128};
  clip.rgb.resize(static_cast<std::size_t>(clip.frames * clip.height * clip.width * 3));
  std::size_t at = 0;
  for (std::int64_t t = 0; t < clip.frames; ++t) {
    for (std::int64_t y = 0; y < clip.height; ++y) {
      for (std::int64_t x = 0; x < clip.width; ++x) {
        const double distance = std::hypot(static_cast<double>(x - 30 - 4 * t), static_cast<double>(y - 48));
        const double checker = ((x / 4 + y / 4) % 2 == 0 ? 1 : -1) * error * static_cast<double>(t);
        const double disc = distance < 18 ? 90 : 0;
        for (const double base : {40.0 + static_cast<double>(x), 60.0 + static_cast<double>(y), 150.0 - static_cast<double>(x) / 2})
          clip.rgb[at++] = static_cast<std::uint8_t>(std::clamp(base + disc + checker, 0.0, 255.0));
      }
    }
  }
  return clip;
}

}  // namespace

std::filesystem::path own_folder() {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  return std::filesystem::path(WAN_BINARY_DIR) / fmt::format("{}-{}", test->test_suite_name(), test->name());
}

void keep_clips(Fixture& fixture, const std::filesystem::path& folder) {
  fixture.run_dir = folder;
  std::filesystem::create_directories(folder);
  for (auto& record : fixture.run.configurations) {
    const std::string& id = record.configuration.id;
    if (id != "bf16" && id != "bf16_twin" && id != "fp8_full") continue;
    for (auto& cell : record.cells) {
      if (cell.prompt != "clockwork") continue;
      cell.clip_file = fmt::format("{}-{}.safetensors", id, cell.prompt);
      media::write_clip(clip(id == "bf16" ? 0 : id == "bf16_twin" ? 0.4 : 1.5), folder / cell.clip_file);
    }
  }
}

}  // namespace wan::reports::testing
