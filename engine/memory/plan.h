// Which of the memory modes a generation runs in: the fastest one whose predicted peak fits what is free. Plain arithmetic over predicted
// bytes (activations.h); what the user has set explicitly is kept, and what cannot fit is refused with the numbers and what would help.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/memory/activations.h"
#include "engine/vae/cut.h"

namespace wan::memory {

// Bytes of the weights as they will be held, packed ones as packed.
struct WeightBytes {
  std::int64_t text = 0;
  std::int64_t vae = 0;
  std::int64_t outside_blocks = 0;  // of one expert: embeddings, head
  std::int64_t block = 0;           // the largest block
  std::int64_t blocks = 0;          // all blocks of one expert
  std::int64_t block_count = 0;
  int experts = 1;
};

enum class TextPlace { kept, unloaded, host };  // on the device for good, until the prompts are encoded, never
enum class ExpertPlace { all, one, streamed };  // all resident, one expert's blocks at a time, a few blocks at a time

struct Choices {
  TextPlace text = TextPlace::kept;
  ExpertPlace experts = ExpertPlace::all;
  std::int64_t block_slots = 0;  // streamed
  vae::Cut cut = {};
};

// What the user has set; the rest is the planner's. An empty `Fixed` leaves it everything, a full one nothing.
struct Fixed {
  std::optional<TextPlace> text = {};
  std::optional<ExpertPlace> experts = {};
  std::int64_t block_slots = 0;
  std::optional<std::int64_t> chunk = {}, tile = {};
};

struct StagePeak {
  std::string stage;  // as in StageTimes: text_encoding, diffusion_loop, vae_decode
  std::int64_t weights = 0, activations = 0;
  std::int64_t bytes() const { return weights + activations; }
};

// What a job needs of the predictions: activations do not depend on where weights are.
struct Job {
  WeightBytes weights;
  std::int64_t encoding = 0, diffusion = 0;  // activations
  std::function<Decoding(const vae::Cut&)> decoding = {};
  std::int64_t latent_frames = 1, latent_side = 1;  // the larger of rows and columns
  std::int64_t tile_margin = 0;
  bool device = true;  // a device of its own memory: otherwise all weights are where they are, and only the VAE's cut is to choose
};

struct Plan {
  Choices choices;
  std::vector<StagePeak> stages = {};
  std::int64_t free_bytes = 0;  // 0: not known, and nothing is refused
  std::int64_t peak_bytes() const;
  bool fits() const { return free_bytes == 0 || peak_bytes() <= free_bytes; }
};

std::vector<StagePeak> predict(const Job& job, const Choices& choices);

// The first plan that fits, from the fastest on; if none does, the one that takes least.
Plan choose(const Job& job, const Fixed& fixed, std::int64_t free_bytes);

// One line a decision, each stage's peak, and the sum, for a person.
std::vector<std::string> describe(const Job& job, const Plan& plan);

// Why the plan does not fit, the numbers, and which flag would help (found by trying), in one message.
std::string refusal(const Job& job, const Fixed& fixed, const Plan& plan);

}  // namespace wan::memory
