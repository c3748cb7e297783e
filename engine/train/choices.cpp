#include "engine/train/choices.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"
#include "engine/train/world_clips.h"

namespace wan::train {
namespace {

constexpr std::int64_t kStepsAtOnce = 64;

}  // namespace

std::vector<std::int64_t> split_batch(std::int64_t batch, const std::vector<NoiseRange>& ranges) {
  std::vector<std::int64_t> clips;
  std::int64_t left = batch;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto others = static_cast<std::int64_t>(ranges.size() - i - 1);
    const auto share = std::llround(static_cast<double>(batch) * share_of(ranges[i]));
    clips.push_back(others == 0 ? left : std::clamp<std::int64_t>(share, 1, std::max<std::int64_t>(1, left - others)));
    left -= clips.back();
  }
  WAN_CHECK(left == 0 && clips.back() > 0, "a batch of {} clips for {} ranges of noise", batch, ranges.size());
  return clips;
}

Choices::Choices(ChoiceOptions options, at::Device device) : options_(std::move(options)), device_(device) {}

void Choices::draw_from(std::int64_t step) {
  const auto clips = split_batch(options_.batch, options_.ranges);
  const auto table = [&](at::ScalarType type) { return at::empty({kStepsAtOnce, options_.batch}, at::TensorOptions(type)); };
  const at::Tensor places = table(at::kLong), kept = table(at::kBool), levels = table(at::kDouble);
  auto* place = places.mutable_data_ptr<std::int64_t>();
  auto* keep = kept.mutable_data_ptr<bool>();
  auto* level = levels.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < kStepsAtOnce; ++i) {
    world::Random random(options_.seed * 0xD1342543DE82EF95U + static_cast<std::uint64_t>(step + i));
    for (std::size_t range = 0; range < clips.size(); ++range) {
      for (std::int64_t clip = 0; clip < clips[range]; ++clip) {
        *place++ = random.below(static_cast<int>(options_.pool));
        *keep++ = !random.chance(static_cast<float>(options_.dropout));
      }
      for (const double sigma : draw_levels(random, clips[range], options_.ranges[range])) *level++ = sigma;
    }
  }
  many_places_ = upload(places, device_);
  many_kept_ = upload(kept, device_);
  many_levels_ = upload(levels, device_);
  first_ = step;
}

void Choices::choose(std::int64_t step) {
  if (!many_places_.defined() || step < first_ || step >= first_ + kStepsAtOnce) draw_from(step);
  const auto put = [&](at::Tensor& place, const at::Tensor& many) {
    const at::Tensor row = many.select(0, step - first_);
    if (!place.defined()) place = at::empty_like(row);
    place.copy_(row);
  };
  put(places_, many_places_);
  put(kept_, many_kept_);
  put(levels_, many_levels_);
}

}  // namespace wan::train
