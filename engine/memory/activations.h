// The most memory that each stage of a generation takes beside the weights, predicted from shapes alone by walking through the stage's code
// on a ledger (ledger.h): what each line allocates, when it lets go. The walks follow the reference path:
//
//   encoding   text/umt5.cpp, TextEncoder::encode: n x n scores of all heads in float32, or the gated FFN's operation by operation
//   diffusion  denoise.cpp and model/transformer.cpp: keys and values of both prompts in every block, the latents that the solver keeps,
//              and the worst line of a block: norm and RoPE of the key (ops/qk_norm_rope.cpp), attention, or FFN
//   decoding   vae/vae.cpp down to vae/blocks.cpp and vae/resample.cpp: each convolution with its input, the frames in front of it and what
//              causal layers remember between chunks, at every stage's resolution, tile by tile
//
// For L tokens of width d, with S = 4 L d bytes (float32 stream) and A = L d e (compute dtype), the block's candidates are: norm of the key
// S + 3 A + A and two (on a device) or three S; FFN S + A + 2 L ff e. The walk finds the worst one; nothing was fitted. Tests hold each
// walk against the tensors that the code really makes. What libraries take past LibTorch's allocator is not in it.
#pragma once

#include <cstdint>

#include "engine/generation.h"

namespace wan::model {
struct TransformerConfig;
}
namespace wan::text {
struct Umt5Config;
}
namespace wan::vae {
struct Cut;
struct VaeConfig;
}  // namespace wan::vae

namespace wan::memory {

// What is generated, in latent positions.
struct Workload {
  std::int64_t frames = 1, rows = 1, columns = 1;
  bool guided = true;  // both prompts are evaluated
  std::int64_t prompt_tokens = 512, negative_tokens = 512;
  Solver solver = Solver::unipc;
};

// How it is computed.
struct Arithmetic {
  std::int64_t element_bytes = 2;  // of the compute dtype: 4 or 2
  bool cuda = false;
  int threads = 1;  // of the CPU, whose attention keeps a buffer a thread
  // What one product of a packed weight takes for itself: of an attention's projection, of an FFN's, of the text encoder's.
  std::int64_t projection_scratch = 0, ffn_scratch = 0, text_scratch = 0;
};

std::int64_t encoding_bytes(const text::Umt5Config& config, std::int64_t tokens, const Arithmetic& arithmetic);
// `experts`: how many take part; each one's keys and values stay for the rest of the request.
std::int64_t diffusion_bytes(const model::TransformerConfig& config, int experts, const Workload& workload, const Arithmetic& arithmetic);
struct Decoding {
  std::int64_t bytes = 0;           // at most at one time
  std::int64_t largest_tensor = 0;  // elements
};
Decoding decoding(const vae::VaeConfig& config, const Workload& workload, const vae::Cut& cut, const Arithmetic& arithmetic);

}  // namespace wan::memory
