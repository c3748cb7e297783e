// The walk through denoise.cpp and model/transformer.cpp. Every block held here is a tensor of the same name there.
#include <vector>

#include "engine/memory/walk.h"
#include "engine/model/config.h"

namespace wan::memory {
namespace {

class DiffusionWalk {
 public:
  DiffusionWalk(const model::TransformerConfig& config, const Workload& workload, const Arithmetic& how)
      : config_(config),
        workload_(workload),
        how_(how),
        tokens_(workload.frames / config.patch[0] * (workload.rows / config.patch[1]) * (workload.columns / config.patch[2])),
        ledger_(how.cuda ? kCudaGranularity : 1) {}

  std::int64_t run(int experts) {
    std::vector<Held> kept;  // the prompts' states, tables, and the latents of request, loop and solver
    kept.push_back(ledger_.hold(workload_.prompt_tokens * config_.text_dim * how_.element_bytes));
    if (workload_.guided) kept.push_back(ledger_.hold(workload_.negative_tokens * config_.text_dim * how_.element_bytes));
    kept.push_back(ledger_.hold(2 * tokens_ * config_.head_dim / 2 * kFloat));
    const int solver_keeps = workload_.solver == Solver::unipc ? 3 : workload_.solver == Solver::dpmpp ? 1 : 0;
    for (int i = 0; i < 2 + solver_keeps; ++i) kept.push_back(ledger_.hold(latent_bytes()));
    for (int expert = 0; expert < experts; ++expert) {
      prepare_text(workload_.prompt_tokens, kept);
      if (workload_.guided) prepare_text(workload_.negative_tokens, kept);
      const Held conditional = forward();
      if (workload_.guided) forward();
    }
    return ledger_.peak_bytes();
  }

 private:
  std::int64_t stream_bytes() const { return tokens_ * config_.dim() * kFloat; }
  std::int64_t activation_bytes() const { return tokens_ * config_.dim() * how_.element_bytes; }
  std::int64_t text_bytes() const { return config_.text_length * config_.dim() * how_.element_bytes; }
  std::int64_t latent_bytes() const { return workload_.frames * workload_.rows * workload_.columns * config_.in_channels * kFloat; }
  bool converts() const { return how_.element_bytes != kFloat; }  // between float32 and the compute dtype: a new tensor
  // On the CPU an operator of two dtypes makes a widened copy of the narrower operand.
  Held widened() { return converts() && !how_.cuda ? ledger_.hold(stream_bytes()) : Held(); }

  // Transformer::prepare_text; the keys and values go to `kept`.
  void prepare_text(std::int64_t prompt_tokens, std::vector<Held>& kept) {
    Held padded;
    if (const auto missing = config_.text_length - prompt_tokens; missing > 0) {
      const Held zeros = ledger_.hold(missing * config_.text_dim * how_.element_bytes);
      padded = ledger_.hold(config_.text_length * config_.text_dim * how_.element_bytes);
    }
    Held in = ledger_.hold(text_bytes());
    const Held hidden = ledger_.hold(text_bytes());
    in.release();
    const Held text = ledger_.hold(text_bytes());
    for (std::int64_t i = 0; i < config_.layers; ++i) {
      const Held key = ledger_.hold(text_bytes());
      kept.push_back(ledger_.hold(text_bytes()));
      kept.push_back(norm_rope(config_.text_length));
    }
  }

  // ops/qk_norm_rope.cpp or its kernel: one pass on either device.
  Held norm_rope(std::int64_t rows) { return ledger_.hold(rows * config_.dim() * how_.element_bytes); }

  // ops/residual_norm_modulate.cpp, or its kernel, which makes the results and nothing else. Gives the activation.
  Held modulate(Held& x, Held& update, bool updates, bool modulates) {
    Held next;
    if (updates) {
      const Held wide = widened();
      next = ledger_.hold(stream_bytes());
    }
    Held y;
    if (how_.cuda) {
      y = ledger_.hold(activation_bytes());
    } else {
      y = ledger_.hold(stream_bytes());
      if (modulates) y = ledger_.hold(stream_bytes());
      if (converts()) y = ledger_.hold(activation_bytes());
    }
    if (updates) x = std::move(next);
    update.release();
    return y;
  }

  Held self_attention(Held x) {
    Held query = project(), key = project(), value = project();
    x.release();
    Held normed_query = norm_rope(tokens_), normed_key = norm_rope(tokens_);
    query.release();
    key.release();
    const Held mixed = attention(ledger_, 1, config_.heads, tokens_, tokens_, config_.head_dim, how_, how_.element_bytes);
    value.release();
    normed_query.release();
    normed_key.release();
    return project();
  }

  Held cross_attention(Held x) {
    Held query = project();
    x.release();
    query = norm_rope(tokens_);
    query = attention(ledger_, 1, config_.heads, tokens_, config_.text_length, config_.head_dim, how_, how_.element_bytes);
    return project();
  }

  Held project() {
    ledger_.touch(how_.projection_scratch);
    return ledger_.hold(activation_bytes());
  }

  Held ffn() {
    ledger_.touch(how_.ffn_scratch);
    Held hidden = ledger_.hold(tokens_ * config_.ffn_dim * how_.element_bytes);
    hidden = ledger_.hold(tokens_ * config_.ffn_dim * how_.element_bytes);  // GELU
    ledger_.touch(how_.ffn_scratch);
    return ledger_.hold(activation_bytes());
  }

  // Transformer::run_block, of a block after the first: there alone x comes in the compute dtype, and without an update.
  void run_block(Held& x, Held& y) {
    y = self_attention(modulate(x, y, true, true));
    y = cross_attention(modulate(x, y, true, false));
    const Held in = modulate(x, y, true, true);
    y = ffn();
  }

  Held forward() {
    Held patches = ledger_.hold(latent_bytes());
    const Held rounded = converts() ? ledger_.hold(latent_bytes() / 2) : Held();
    Held x = ledger_.hold(stream_bytes()), y = ledger_.hold(activation_bytes());
    patches.release();
    run_block(x, y);
    const Held normed = modulate(x, y, true, true);
    const Held head = ledger_.hold(latent_bytes());
    return ledger_.hold(latent_bytes());
  }

  const model::TransformerConfig& config_;
  const Workload& workload_;
  const Arithmetic& how_;
  const std::int64_t tokens_;
  Ledger ledger_;
};

}  // namespace

std::int64_t diffusion_bytes(const model::TransformerConfig& config, int experts, const Workload& workload, const Arithmetic& arithmetic) {
  return DiffusionWalk(config, workload, arithmetic).run(experts);
}

}  // namespace wan::memory
