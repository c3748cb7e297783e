#include "engine/model/known_models.h"

#include <array>

#include "engine/model/config.h"

namespace wan::model {
namespace {

constexpr std::array<KnownModel, 4> kModels = {{{.task = "t2v-A14B",
                                                 .heads = 40,
                                                 .head_dim = 128,
                                                 .layers = 40,
                                                 .latent_channels = 16,
                                                 .two_experts = true,
                                                 .boundary = 0.875,
                                                 .diffusers_shift = 3.0,
                                                 .width = 1280,
                                                 .height = 720,
                                                 .frames = 81,
                                                 .steps = 40,
                                                 .shift = 12.0,
                                                 .guidance_low = 3.0,
                                                 .guidance_high = 4.0,
                                                 .frames_per_second = 16},
                                                {.task = "t2v-14B",
                                                 .heads = 40,
                                                 .head_dim = 128,
                                                 .layers = 40,
                                                 .latent_channels = 16,
                                                 .two_experts = false,
                                                 .boundary = 0,
                                                 .diffusers_shift = 3.0,
                                                 .width = 1280,
                                                 .height = 720,
                                                 .frames = 81,
                                                 .steps = 50,
                                                 .shift = 5.0,
                                                 .guidance_low = 5.0,
                                                 .guidance_high = 5.0,
                                                 .frames_per_second = 16},
                                                {.task = "t2v-1.3B",
                                                 .heads = 12,
                                                 .head_dim = 128,
                                                 .layers = 30,
                                                 .latent_channels = 16,
                                                 .two_experts = false,
                                                 .boundary = 0,
                                                 .diffusers_shift = 3.0,
                                                 .width = 832,
                                                 .height = 480,
                                                 .frames = 81,
                                                 .steps = 50,
                                                 .shift = 5.0,
                                                 .guidance_low = 5.0,
                                                 .guidance_high = 5.0,
                                                 .frames_per_second = 16},
                                                {.task = "ti2v-5B",
                                                 .heads = 24,
                                                 .head_dim = 128,
                                                 .layers = 30,
                                                 .latent_channels = 48,
                                                 .two_experts = false,
                                                 .boundary = 0,
                                                 .diffusers_shift = 5.0,
                                                 .width = 1280,
                                                 .height = 704,
                                                 .frames = 121,
                                                 .steps = 50,
                                                 .shift = 5.0,
                                                 .guidance_low = 5.0,
                                                 .guidance_high = 5.0,
                                                 .frames_per_second = 24}}};

bool is_kin(const KnownModel& model, const TransformerConfig& config, bool two_experts) {
  return model.latent_channels == config.in_channels && model.two_experts == two_experts;
}

}  // namespace

std::span<const KnownModel> known_models() { return kModels; }

bool is_model(const KnownModel& model, const TransformerConfig& config, bool two_experts) {
  return is_kin(model, config, two_experts) && model.heads == config.heads && model.head_dim == config.head_dim &&
         model.layers == config.layers;
}

const KnownModel& nearest_model(const TransformerConfig& config, bool two_experts) {
  const KnownModel* kin = nullptr;
  for (const KnownModel& model : kModels) {
    if (is_model(model, config, two_experts)) return model;
    if (!kin && is_kin(model, config, two_experts)) kin = &model;
  }
  return kin ? *kin : kModels[1];
}

}  // namespace wan::model
