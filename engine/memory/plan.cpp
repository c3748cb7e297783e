#include "engine/memory/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/memory/bytes.h"

namespace wan::memory {
namespace {

constexpr std::int64_t kFewestSlots = 2, kSlots = 3;  // one runs, the others are filled
constexpr std::array<std::int64_t, 2> kTiles = {64, 32};
// cuDNN counts elements in 32 bits; beyond that LibTorch convolves by a way of its own, which took 20 times as long for a whole 480p clip
// (suites/records/h200_memory.md).
constexpr std::int64_t kLargestTensor = (std::int64_t{1} << 31) - 1;

std::int64_t experts_bytes(const WeightBytes& w, const Choices& choices) {
  const std::int64_t outside = w.experts * w.outside_blocks;
  switch (choices.experts) {
    case ExpertPlace::all:
      return outside + w.experts * w.blocks;
    case ExpertPlace::one:  // and a slot in which the next expert's first block waits
      return outside + w.blocks + (w.experts > 1 ? w.block : 0);
    case ExpertPlace::streamed:
      return outside + choices.block_slots * w.block;
  }
  return 0;
}

// Places in the order in which they cost time. Leaving the device after encoding is free for a single clip; a second of copies hides behind
// a step; streaming may not hide; the encoder on the host computes there.
struct Places {
  TextPlace text;
  ExpertPlace experts;
};
constexpr std::array<Places, 8> kOrder = {{{TextPlace::kept, ExpertPlace::all},
                                           {TextPlace::unloaded, ExpertPlace::all},
                                           {TextPlace::kept, ExpertPlace::one},
                                           {TextPlace::unloaded, ExpertPlace::one},
                                           {TextPlace::unloaded, ExpertPlace::streamed},
                                           {TextPlace::host, ExpertPlace::all},
                                           {TextPlace::host, ExpertPlace::one},
                                           {TextPlace::host, ExpertPlace::streamed}}};

// Cuts of the decode: the whole sequence, then ever smaller chunks; the largest that `fits`, or the smallest.
template <typename Fits>
vae::Cut largest_chunk(const Job& job, const Fixed& fixed, std::int64_t tile, const Fits& fits) {
  vae::Cut cut{.chunk_latent_frames = fixed.chunk.value_or(vae::kWholeSequence), .tile = tile};
  if (fixed.chunk || fits(cut)) return cut;
  std::int64_t low = 1, high = job.latent_frames;  // `high` does not fit
  while (high - low > 1) {
    const std::int64_t middle = (low + high) / 2;
    (fits({.chunk_latent_frames = middle, .tile = tile}) ? low : high) = middle;
  }
  cut.chunk_latent_frames = low;
  return cut;
}

std::vector<Choices> candidates(const Job& job, const Fixed& fixed) {
  std::vector<Choices> all;
  for (const Places& places : kOrder) {
    if (!job.device && (places.text != TextPlace::kept || places.experts != ExpertPlace::all)) continue;
    if (fixed.text && *fixed.text != places.text) continue;
    if (fixed.experts && *fixed.experts != places.experts) continue;
    const bool streams = places.experts == ExpertPlace::streamed;
    all.push_back({.text = places.text,
                   .experts = places.experts,
                   .block_slots = streams ? (fixed.block_slots > 0 ? fixed.block_slots : kSlots) : 0});
    if (streams && fixed.block_slots == 0) all.push_back({.text = places.text, .experts = places.experts, .block_slots = kFewestSlots});
  }
  if (all.empty())
    all.push_back({.text = fixed.text.value_or(TextPlace::kept),
                   .experts = fixed.experts.value_or(ExpertPlace::all),
                   .block_slots = fixed.block_slots});
  return all;
}

const char* sentence(TextPlace place, bool device) {
  if (!device) return "text encoder   in host memory, where everything is";
  switch (place) {
    case TextPlace::kept:
      return "text encoder   on the device, kept";
    case TextPlace::unloaded:
      return "text encoder   on the device, unloaded after encoding";
    case TextPlace::host:
      return "text encoder   on the CPU (--t5_cpu)";
  }
  return "";
}

std::string sentence(const Job& job, const Choices& choices) {
  const WeightBytes& w = job.weights;
  if (!job.device) return fmt::format("experts        {} in host memory", w.experts);
  switch (choices.experts) {
    case ExpertPlace::all:
      return fmt::format("experts        {} resident on the device, {}", w.experts, print_bytes(experts_bytes(w, choices)));
    case ExpertPlace::one:
      return fmt::format("experts        {} of {} on the device at a time (--offload_model true), {}", 1, w.experts,
                         print_bytes(experts_bytes(w, choices)));
    case ExpertPlace::streamed:
      return fmt::format("experts        blocks streamed through {} slots of {} (block_streaming), {}", choices.block_slots, w.block_count,
                         print_bytes(experts_bytes(w, choices)));
  }
  return "";
}

std::string sentence(const Job& job, const vae::Cut& cut) {
  const std::string time = cut.chunk_latent_frames == vae::kWholeSequence || cut.chunk_latent_frames >= job.latent_frames
                               ? "the whole sequence at once"
                               : fmt::format("{} of {} latent frames at a time", cut.chunk_latent_frames, job.latent_frames);
  const bool tiled = cut.tile != vae::kWholePicture && cut.tile < job.latent_side;
  return fmt::format("VAE decode     {}{}", time,
                     tiled ? fmt::format(", in tiles of {} latent positions (vae_tiling)", cut.tile) : ", whole picture");
}

}  // namespace

std::int64_t Plan::peak_bytes() const {
  std::int64_t peak = 0;
  for (const StagePeak& stage : stages) peak = std::max(peak, stage.bytes());
  return peak;
}

std::vector<StagePeak> predict(const Job& job, const Choices& choices) {
  const WeightBytes& w = job.weights;
  // Blocks that pass through slots are there in the diffusion loop alone.
  const std::int64_t idle = choices.experts == ExpertPlace::all ? experts_bytes(w, choices) : w.experts * w.outside_blocks;
  const std::int64_t text = choices.text == TextPlace::kept ? w.text : 0;
  return {{.stage = "text_encoding",
           .weights = w.vae + idle + (choices.text == TextPlace::host ? 0 : w.text),
           .activations = choices.text == TextPlace::host ? 0 : job.encoding},
          {.stage = "diffusion_loop", .weights = w.vae + text + experts_bytes(w, choices), .activations = job.diffusion},
          {.stage = "vae_decode", .weights = w.vae + text + idle, .activations = job.decoding(choices.cut).bytes}};
}

Plan choose(const Job& job, const Fixed& fixed, std::int64_t free_bytes) {
  std::optional<Plan> least;
  const auto consider = [&](Choices choices, std::int64_t tile) {
    choices.cut = largest_chunk(job, fixed, tile, [&](const vae::Cut& cut) {
      Choices with = choices;
      with.cut = cut;
      if (job.device && job.decoding(cut).largest_tensor > kLargestTensor) return false;
      return Plan{.choices = with, .stages = {predict(job, with).back()}, .free_bytes = free_bytes}.fits();
    });
    Plan plan{.choices = choices, .stages = predict(job, choices), .free_bytes = free_bytes};
    const bool fits = plan.fits();
    if (fits || !least || plan.peak_bytes() < least->peak_bytes()) least = std::move(plan);
    return fits;
  };
  // Tiles do work twice, so every other place is tried before them.
  std::vector<std::int64_t> tiles = {fixed.tile.value_or(vae::kWholePicture)};
  if (!fixed.tile)
    for (const std::int64_t tile : kTiles)
      if (tile > 2 * job.tile_margin && tile < job.latent_side) tiles.push_back(tile);
  for (const std::int64_t tile : tiles)
    for (const Choices& choices : candidates(job, fixed))
      if (consider(choices, tile)) return *least;
  return *least;
}

std::vector<std::string> describe(const Job& job, const Plan& plan) {
  std::vector<std::string> lines = {sentence(plan.choices.text, job.device), sentence(job, plan.choices), sentence(job, plan.choices.cut)};
  for (const StagePeak& stage : plan.stages)
    lines.push_back(fmt::format("{:<14} {} predicted: weights {}, activations {}", stage.stage, print_bytes(stage.bytes()),
                                print_bytes(stage.weights), print_bytes(stage.activations)));
  lines.push_back(fmt::format("peak           {} predicted{}", print_bytes(plan.peak_bytes()),
                              plan.free_bytes > 0 ? fmt::format(" of {} usable", print_bytes(plan.free_bytes)) : ""));
  return lines;
}

std::string refusal(const Job& job, const Fixed& fixed, const Plan& plan) {
  const auto worst =
      std::max_element(plan.stages.begin(), plan.stages.end(), [](const auto& a, const auto& b) { return a.bytes() < b.bytes(); });
  std::string text =
      fmt::format("not enough memory: {} needs {} (weights {}, activations {}), {} are usable", worst->stage, print_bytes(worst->bytes()),
                  print_bytes(worst->weights), print_bytes(worst->activations), print_bytes(plan.free_bytes));
  std::vector<std::string> helps;
  const auto tries = [&](const char* flag, const auto& change) {
    Fixed with = fixed;
    change(with);
    if (choose(job, with, plan.free_bytes).fits()) helps.push_back(flag);
  };
  if (job.device) {
    tries("--offload_model true", [](Fixed& f) { f.experts = ExpertPlace::one, f.text = TextPlace::unloaded; });
    tries("--t5_cpu", [](Fixed& f) { f.text = TextPlace::host; });
    tries("--config block_streaming", [](Fixed& f) { f.experts = ExpertPlace::streamed, f.block_slots = kFewestSlots; });
    tries("--config block_streaming --t5_cpu",
          [](Fixed& f) { f.experts = ExpertPlace::streamed, f.block_slots = kFewestSlots, f.text = TextPlace::host; });
  }
  tries("--config vae_tiling", [](Fixed& f) { f.tile = kTiles.front(), f.chunk.reset(); });
  if (helps.empty() && worst->stage == "text_encoding") return text + "; no flag helps: the encoder and its prompt alone take that";
  return text + (helps.empty() ? "; nothing but a smaller --size or fewer --frame_num helps"
                               : fmt::format("; it would with {}", fmt::join(helps, ", or with ")));
}

}  // namespace wan::memory
