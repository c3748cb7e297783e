// What the steps of a diffusion training choose: which latents, which captions are left away, how much noise. Each step's choices depend on
// the seed and the step alone; they are drawn for many steps at once, so that a device never waits for the host's.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/train/objective.h"

namespace wan::train {

struct ChoiceOptions {
  std::int64_t batch = 0;          // clips a step
  std::int64_t pool = 0;           // places to choose from
  double dropout = 0;              // share of captions left away
  std::vector<NoiseRange> ranges;  // of an expert each; together the schedule
  std::uint64_t seed = 0;
};

// Clips of each range: as many as its part of the schedule's time, at least one.
std::vector<std::int64_t> split_batch(std::int64_t batch, const std::vector<NoiseRange>& ranges);

class Choices {
 public:
  Choices(ChoiceOptions options, at::Device device);

  void choose(std::int64_t step);  // changes the tensors below, which stay where they are

  // One entry a clip, [batch], range by range.
  const at::Tensor& places() const { return places_; }  // int64, in the pool
  const at::Tensor& kept() const { return kept_; }      // bool: with its caption
  const at::Tensor& levels() const { return levels_; }  // float64, sigma

 private:
  void draw_from(std::int64_t step);

  ChoiceOptions options_;
  at::Device device_;
  std::int64_t first_ = 0;                            // step of the many below
  at::Tensor many_places_, many_kept_, many_levels_;  // [steps, batch]
  at::Tensor places_, kept_, levels_;
};

}  // namespace wan::train
