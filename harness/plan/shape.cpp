#include "harness/plan/shape.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "engine/base/error.h"

namespace wan::plan {

Shape resolve_shape(const Shape& shape, const ModelDefaults& model) {
  Shape full = shape;
  const auto fill = [](auto& value, auto otherwise) {
    if (value == 0) value = otherwise;
  };
  fill(full.width, model.width);
  fill(full.height, model.height);
  fill(full.frames, model.frames);
  fill(full.steps, model.steps);
  fill(full.shift, model.shift);
  full.guidance_low = shape.guidance_low.value_or(model.guidance_low);
  full.guidance_high = shape.guidance_high.value_or(model.guidance_high);

  std::vector<std::string> faults;
  const auto positive = [&](const char* name, auto value) {
    if (!(value > 0)) faults.push_back(fmt::format("shape.{} must be more than 0, got {}", name, value));
  };
  positive("width", full.width);
  positive("height", full.height);
  positive("frames", full.frames);
  positive("steps", full.steps);
  positive("shift", full.shift);
  for (const auto& [name, value] : {std::pair("width", full.width), std::pair("height", full.height)})
    if (value > 0 && value % model.size_multiple != 0)
      faults.push_back(fmt::format("shape.{} must be a multiple of {} for this model, got {}; {} would do", name, model.size_multiple,
                                   value, (value / model.size_multiple + 1) * model.size_multiple));
  if (full.frames > 0 && full.frames % 4 != 1)
    faults.push_back(fmt::format("shape.frames must be 4k + 1, got {}; {} would do", full.frames, full.frames / 4 * 4 + 1));
  if (!faults.empty()) throw UsageError(fmt::format("{}", fmt::join(faults, "\n")));
  return full;
}

}  // namespace wan::plan
