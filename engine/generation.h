// The values that cross the engine's door: what to load, what to generate, what came back. Plain and serialisable, so that an executor in
// this process and one in another process are the same design.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/optimization_info.h"
#include "engine/base/stage_times.h"
#include "engine/base/video_clip.h"

namespace wan {

enum class Solver { unipc, dpmpp, euler };
enum class Reference { automatic, official, diffusers };  // sigma grid, CFG rule, default negative prompt and shift; never precision
enum class Precision { float32, bfloat16 };

const char* to_string(Solver solver);
const char* to_string(Reference reference);
const char* to_string(Precision precision);
// Throw UsageError naming the accepted words.
Solver parse_solver(const std::string& word);
Reference parse_reference(const std::string& word);
Precision parse_precision(const std::string& word);

// A LoRA that is merged into the weights at load.
struct LoraRequest {
  std::string path;         // a safetensors file; or a folder with one, or with one of the high-noise and one of the low-noise expert
  double scale = 1.0;       // times what the file itself says
  std::string expert = {};  // high or low: that expert alone; empty: both, or as the files say
};
// "[high:|low:]PATH[:SCALE]". Throws UsageError.
LoraRequest parse_lora(const std::string& text);

struct GenerationRequest {
  std::string prompt;
  std::optional<std::string> negative_prompt = {};  // absent: the reference's default
  std::int64_t width = 0, height = 0;               // pixels; 0: the model's default
  std::int64_t frames = 0;                          // 4k + 1; 0: the model's default
  std::int64_t steps = 0;                           // 0: the model's default
  Solver solver = Solver::unipc;
  bool solver_from_checkpoint = true;                           // the diffusers scheduler config decides unless the user named a solver
  double shift = 0.0;                                           // 0: the model's default
  std::optional<double> guidance_low = {}, guidance_high = {};  // absent: the model's defaults
  std::uint64_t seed = 0;
  Reference reference = Reference::automatic;
  std::string noise_source = "cpu";  // cpu or cuda: whose generator draws the starting latent
  std::string noise_file = {};       // safetensors with `noise` [C, T, h, w] f32; empty: drawn from the seed
  bool keep_latents = false;         // give the final latents back
  std::string trajectory_file = {};  // where to keep the trajectory (engine/trajectory.h); empty: nowhere. If it cannot be
                                     // written, the clip is given all the same and `fallbacks` says so
};

// What a plan of memory is for (engine/memory/plan.h): with one, what the configuration leaves open (where text encoder and experts live,
// how the VAE's decode is cut) is chosen so that this generation fits.
struct MemoryRequest {
  GenerationRequest clip = {};    // without a prompt: as if prompts were as long as they may be
  bool keep_experts = false;      // both experts stay on the device, whatever that costs
  std::int64_t usable_bytes = 0;  // plan for a device with so much free; 0: what is free here
};

// What a worker needs to become ready: a checkpoint, a device, a configuration.
struct LoadRequest {
  std::string checkpoint_dir;  // official or diffusers layout
  std::string device = "cpu";  // cpu, cuda, cuda:<index>
  Precision precision = Precision::bfloat16;
  std::vector<OptimizationChoice> optimizations = {};
  std::vector<LoraRequest> loras = {};
  int threads = 0;      // 0: LibTorch's default
  bool strict = false;  // a fallback is an error
  // Folder of prompt embeddings kept between runs; empty: none is kept or used, and the text encoder is loaded with the rest. With one it
  // is loaded when a prompt needs it. Off where times are taken.
  std::string prompt_cache_dir = {};
  std::optional<MemoryRequest> memory = {};  // absent: everything stays where the configuration puts it
};

struct LoadReport {
  double load_s = 0;
  // On the device, each weight in the one form that it is kept in; blocks that are brought there when they are needed as what they take
  // there at most.
  std::int64_t weight_bytes = 0;
  std::int64_t host_weight_bytes = 0;        // kept on the host for a device
  std::string weights_hash;                  // identity of the checkpoint's files and of what was merged into them
  std::vector<std::string> fallbacks = {};   // one sentence each: wanted, got, why
  std::vector<std::string> emulations = {};  // one sentence each: arithmetic that this device only imitates; its time says nothing
  std::vector<std::string> plan = {};        // of memory, one line a decision and a stage; empty unless one was asked for
};

// What a loaded checkpoint is, for defaults and checks; known without loading weights.
struct ModelInfo {
  std::string task;                  // t2v-A14B, t2v-14B, t2v-1.3B, ti2v-5B or t2v
  std::string layout = "diffusers";  // of the folder: official or diffusers
  bool two_experts = false;
  std::int64_t latent_channels = 16;
  std::int64_t size_multiple = 16;  // width and height must divide by it
  std::int64_t default_width = 832, default_height = 480, default_frames = 81, default_steps = 40;
  double default_shift = 5.0, default_guidance_low = 5.0, default_guidance_high = 5.0;
  double frames_per_second = 16.0;
};

// The final latents before the VAE, in the model's normalised latent space.
struct Latents {
  std::vector<std::int64_t> shape = {};  // [C, T, h, w]
  std::vector<float> values = {};
};

// The most that a stage held on the device: tensors, weights among them.
struct StageMemory {
  std::string stage;  // as in StageTimes
  std::int64_t predicted_bytes = 0, measured_bytes = 0;
};

struct GenerationResult {
  VideoClip clip;
  StageTimes stages;
  Latents latents = {};                   // empty unless asked for
  std::int64_t transformer_forwards = 0;  // counted, not computed
  std::int64_t nonfinite_latents = 0;     // NaN or infinite values in the final latents
  std::int64_t peak_bytes = 0;            // the largest of `memory`, measured
  std::vector<StageMemory> memory = {};
  std::vector<std::string> fallbacks = {};  // what happened during this request (a layer redone in BF16, ...)
};

// Some denoising steps of each expert, timed without a clip being made of them.
struct TimedSteps {
  // text_encoding and diffusion_loop, and of the timed steps step_s and high_noise_steps: the first of each expert's in the schedule.
  StageTimes stages = {};
  std::int64_t clip_high_noise_steps = 0, clip_low_noise_steps = 0;  // that a whole clip takes
  std::int64_t transformer_forwards = 0;                             // counted, not computed
  std::int64_t nonfinite_latents = 0;                                // NaN or infinite values after the last step
  std::string latents_hash = {};                                     // SHA-256 of the latents after it: whether the same was done again
  std::int64_t peak_bytes = 0;                                       // the largest of `memory`, measured
  std::vector<StageMemory> memory = {};
  std::vector<std::string> fallbacks = {};  // what happened during this request
};

// Teacher-forced error: how far one evaluation, after guidance, lies from the one on record at the same latents.
struct StepError {
  std::int64_t step = 0;
  bool low_noise = false;  // which expert
  double relative_l2 = 0;  // |v - v*| / |v*|
  double cosine = 0;       // of v and v*
};

struct ReplayResult {
  std::vector<StepError> steps = {};
  std::int64_t transformer_forwards = 0;
  std::vector<std::string> fallbacks = {};
};

// Called as work goes on with (done, in all): denoising steps of a generation, bytes of a load. Returning false cancels it, which throws
// Cancelled.
using Progress = std::function<bool(std::int64_t done, std::int64_t total)>;

// A person or a signal stopped the generation. Nothing is wrong.
struct Cancelled {};

}  // namespace wan
