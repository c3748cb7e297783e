// Any JSON as each of a checkpoint's config files: a UsageError, or a configuration whose tables, factors and schedules can be made.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/model/config.h"
#include "engine/model/tensor_table.h"
#include "engine/pipeline_config.h"
#include "engine/sampling/schedule.h"
#include "engine/text/umt5.h"
#include "engine/vae/config.h"
#include "engine/vae/tensor_table.h"

namespace {

using wan::io::JsonValue;

template <typename Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const wan::UsageError&) {
  }
}

void must_be_sizes(const wan::checkpoint::TensorTable& table) {
  for (const auto& spec : table)
    for (const std::int64_t size : spec.shape)
      if (size < 1) __builtin_trap();
}

void read_transformer(const JsonValue& json) {
  auto config = wan::model::parse_transformer_config(json);
  config.layers = 1;  // the others have the same shapes
  must_be_sizes(wan::model::transformer_tensors(config));
}

void read_text_encoder(const JsonValue& json) {
  auto config = wan::text::parse_umt5_config(json);
  config.layers = 1;
  must_be_sizes(wan::text::umt5_tensors(config));
  for (const std::int64_t relative : {-100000, -129, -1, 0, 1, 7, 64, 511}) {
    const auto bucket = wan::text::relative_position_bucket(relative, config.buckets, config.max_distance);
    if (bucket < 0 || bucket >= config.buckets) __builtin_trap();
  }
}

void read_vae(const JsonValue& json) {
  const auto config = wan::vae::parse_vae_config(json);
  if (config.spatial_factor() < 1 || config.temporal_factor() < 1 || config.frames(3) < 3) __builtin_trap();
  must_be_sizes(wan::vae::tensor_table(config));
}

void read_scheduler(const JsonValue& json, const char* class_name) {
  const auto config = wan::sampling::read_scheduler_config(json, class_name);
  const auto schedule = wan::sampling::make_schedule(config.solver, wan::Reference::diffusers, 4, config.shift, config.options);
  if (schedule.sigmas.size() != 5 || schedule.timesteps.size() != 4) __builtin_trap();
  for (const float sigma : schedule.sigmas)
    if (!std::isfinite(sigma)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attempt([&] {
    const auto json = JsonValue::parse({reinterpret_cast<const char*>(data), size}, "fuzz");
    attempt([&] { read_transformer(json); });
    attempt([&] { read_text_encoder(json); });
    attempt([&] { read_vae(json); });
    attempt([&] { wan::parse_model_index(json); });
    for (const char* name : {"", "UniPCMultistepScheduler", "DPMSolverMultistepScheduler", "FlowMatchEulerDiscreteScheduler"})
      attempt([&] { read_scheduler(json, name); });
  });
  return 0;
}
