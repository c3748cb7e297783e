#include "engine/vae/frames.h"

#include <functional>

#include "tests/engine/vae/fixtures.h"

namespace wan::vae {
namespace {

constexpr auto kFormat = at::MemoryFormat::ChannelsLast3d;

using Rearrangement = std::function<at::Tensor(const at::Tensor&)>;

struct Result {
  at::Tensor output, gradient;
};

Result pass(const Rearrangement& f, const at::Tensor& x, at::MemoryFormat format) {
  const at::Tensor leaf = x.clone(format).requires_grad_(true);
  at::Tensor arrived;
  const at::Tensor seen = leaf.view_as(leaf);
  seen.register_hook([&](const at::Tensor& gradient) { arrived = gradient; });
  const at::Tensor output = f(seen);
  output.backward(waves(output.sizes().vec(), x.scalar_type()).contiguous(format));
  return {output.detach(), arrived};
}

// Another walk through the same values: what comes out and its gradients are equal, and each stays in the order of what came in.
void expect_the_same_in_both_orders(const char* name, const Rearrangement& f, const at::Tensor& x, double tolerance = 0) {
  const Result plain = pass(f, x, at::MemoryFormat::Contiguous), last = pass(f, x, kFormat);
  EXPECT_LE(max_error(last.output, plain.output), tolerance) << name;
  EXPECT_LE(max_error(last.gradient, plain.gradient), tolerance) << name;
  EXPECT_EQ(last.output.suggest_memory_format(), kFormat) << name << ", " << last.output.strides();
  EXPECT_EQ(last.gradient.suggest_memory_format(), kFormat) << name << ", " << last.gradient.strides();
}

at::Tensor video(std::int64_t channels, std::int64_t frames) { return waves({2, channels, frames, 6, 4}, at::kDouble); }

TEST(Frames, RearrangementsStayInTheOrderOfTheirInput) {
  const at::Tensor x = video(12, 3);
  expect_the_same_in_both_orders(
      "patchify", [](const at::Tensor& t) { return patchify(t, 2); }, x);
  expect_the_same_in_both_orders(
      "unpatchify", [](const at::Tensor& t) { return unpatchify(t, 2); }, x);
  expect_the_same_in_both_orders("interleave_frames", interleave_frames, x);
  expect_the_same_in_both_orders(
      "take_frames", [](const at::Tensor& t) { return take_frames(t, 1, 2); }, x);
  expect_the_same_in_both_orders("enlarge_frames", enlarge_frames, x, 1e-14);  // four gradients are added in another order
}

struct Shortcut {
  std::int64_t in, out;
  Factors factors;
};

TEST(Frames, ShortcutsStayInTheOrderOfTheirInput) {
  // A group of a cell, of a half and of a quarter of it, of the cells of two and three channels, of one value.
  for (const Shortcut& s : {Shortcut{6, 6, {2, 2}},
                            {6, 12, {2, 2}},
                            {6, 24, {2, 2}},
                            {12, 6, {2, 2}},
                            {12, 4, {2, 2}},
                            {6, 48, {2, 2}},
                            {6, 6, {1, 2}},
                            {6, 12, {1, 2}},
                            {6, 6, {1, 1}}})
    for (const std::int64_t frames : {1, 2, 3}) {
      SCOPED_TRACE(testing::Message() << s.in << " -> " << s.out << ", " << s.factors.time << ", " << s.factors.space << ", " << frames);
      const auto down = [&](const at::Tensor& t) { return average_down(t, s.out, s.factors); };
      expect_the_same_in_both_orders("average_down", down, video(s.in, frames), 1e-14);
      for (const bool first : {false, true}) {
        const auto up = [&](const at::Tensor& t) { return duplicate_up(t, s.in, s.factors, first); };
        expect_the_same_in_both_orders("duplicate_up", up, video(s.out, frames), 1e-14);
      }
    }
}

TEST(Frames, ShortcutsThatCutCellsAreTheSameInAnyOrder) {
  const Factors factors{2, 2};  // 12 channels in 8: groups of 12 values, one and a half cells
  const auto down = [&](const at::Tensor& t) { return average_down(t, 8, factors); };
  const auto up = [&](const at::Tensor& t) { return duplicate_up(t, 12, factors, /*first_chunk=*/true); };
  for (const auto& [f, channels] : {std::pair<Rearrangement, std::int64_t>(down, 12), {up, 8}}) {
    const at::Tensor x = video(channels, 3);
    const Result plain = pass(f, x, at::MemoryFormat::Contiguous), last = pass(f, x, kFormat);
    EXPECT_EQ(max_error(last.output, plain.output), 0);
    EXPECT_LE(max_error(last.gradient, plain.gradient), 1e-14);
  }
}

}  // namespace
}  // namespace wan::vae
