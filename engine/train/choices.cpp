#include "engine/train/choices.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include "engine/runtime/tensor.h"
#include "engine/train/world_clips.h"

namespace wan::train {
namespace {

constexpr std::int64_t kStepsAtOnce = 64;

}  // namespace

Choices::Choices(ChoiceOptions options, at::Device device) : options_(std::move(options)), device_(device) {}

void Choices::draw_from(std::int64_t step) {
  const auto clips = static_cast<std::int64_t>(options_.ranges.size()) * options_.batch;
  const auto table = [&](at::ScalarType type) { return at::empty({kStepsAtOnce, clips}, at::TensorOptions(type)); };
  const at::Tensor places = table(at::kLong), kept = table(at::kBool), levels = table(at::kDouble);
  auto* place = places.mutable_data_ptr<std::int64_t>();
  auto* keep = kept.mutable_data_ptr<bool>();
  auto* level = levels.mutable_data_ptr<double>();
  for (std::int64_t i = 0; i < kStepsAtOnce; ++i) {
    world::Random random(options_.seed * 0xD1342543DE82EF95U + static_cast<std::uint64_t>(step + i));
    for (const NoiseRange& range : options_.ranges) {
      for (std::int64_t clip = 0; clip < options_.batch; ++clip) {
        *place++ = random.below(static_cast<int>(options_.pool));
        *keep++ = !random.chance(static_cast<float>(options_.dropout));
      }
      for (const double sigma : draw_levels(random, options_.batch, range)) *level++ = sigma;
    }
  }
  many_places_ = upload(places, device_);
  many_kept_ = upload(kept, device_);
  many_levels_ = upload(levels, device_);
  first_ = step;
  drawn_ = kStepsAtOnce;
}

void Choices::choose(std::int64_t step) {
  if (step < first_ || step >= first_ + drawn_) draw_from(step);
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
