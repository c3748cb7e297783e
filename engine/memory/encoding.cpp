// The walk through text/umt5.cpp, TextEncoder::encode.
#include "engine/memory/walk.h"
#include "engine/text/umt5.h"

namespace wan::memory {
namespace {

class EncodingWalk {
 public:
  EncodingWalk(const text::Umt5Config& config, std::int64_t tokens, const Arithmetic& how)
      : config_(config), tokens_(tokens), how_(how), ledger_(how.cuda ? kCudaGranularity : 1) {}

  std::int64_t run() {
    const Held buckets = ledger_.hold(tokens_ * tokens_ * 8);
    Held x = ledger_.hold(rows(config_.d_model));
    attend();
    x = ledger_.hold(rows(config_.d_model));
    feed_forward();
    x = ledger_.hold(rows(config_.d_model));
    return ledger_.peak_bytes();
  }

 private:
  std::int64_t rows(std::int64_t width) const { return tokens_ * width * how_.element_bytes; }
  bool converts() const { return how_.element_bytes != kFloat; }

  Held project(std::int64_t out) {
    ledger_.touch(how_.text_scratch);
    return ledger_.hold(rows(out));
  }

  Held norm() {
    const std::int64_t wide = tokens_ * config_.d_model * kFloat;
    const Held x = converts() ? ledger_.hold(wide) : Held(), square = ledger_.hold(wide), scaled = ledger_.hold(wide);
    const Held rounded = converts() ? ledger_.hold(rows(config_.d_model)) : Held();
    return ledger_.hold(rows(config_.d_model));
  }

  void attend() {
    const std::int64_t inner = config_.heads * config_.d_kv, pairs = config_.heads * tokens_ * tokens_;
    const Held x = norm();
    const Held query = project(inner), key = project(inner), value = project(inner);
    const Held bias = ledger_.hold(pairs * how_.element_bytes);
    Held products = matmul(pairs * how_.element_bytes, 2);
    Held scores = ledger_.hold(pairs * how_.element_bytes);
    products.release();
    if (converts()) scores = ledger_.hold(pairs * kFloat);
    Held mixed;
    {
      const Held weights = ledger_.hold(pairs * kFloat);
      const Held rounded = converts() ? ledger_.hold(pairs * how_.element_bytes) : Held();
      mixed = matmul(rows(inner), 1);
    }
    const Held in_order = ledger_.hold(rows(inner)), out = project(config_.d_model);
  }

  // On the CPU oneDNN's batched product in bfloat16 wants the operands that are views of heads in order.
  Held matmul(std::int64_t bytes, std::int64_t views) {
    Held product = ledger_.hold(bytes);
    if (converts() && !how_.cuda) ledger_.touch(views * rows(config_.heads * config_.d_kv));
    return product;
  }

  // GELU is written out, each operation a tensor: eight beside the gate at its worst.
  void feed_forward() {
    const Held x = norm();
    Held gate = project(config_.d_ff);
    ledger_.touch(8 * rows(config_.d_ff));
    const Held activated = ledger_.hold(rows(config_.d_ff)), up = project(config_.d_ff);
    const Held product = ledger_.hold(rows(config_.d_ff));
    const Held down = project(config_.d_model);
  }

  const text::Umt5Config& config_;
  const std::int64_t tokens_;
  const Arithmetic& how_;
  Ledger ledger_;
};

}  // namespace

std::int64_t encoding_bytes(const text::Umt5Config& config, std::int64_t tokens, const Arithmetic& arithmetic) {
  return EncodingWalk(config, tokens, arithmetic).run();
}

}  // namespace wan::memory
