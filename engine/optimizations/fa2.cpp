// FlashAttention-2 as LibTorch carries it (roadmap phase 0).
#include <ATen/ops/_scaled_dot_product_flash_attention.h>

#include "engine/optimization.h"
#include "engine/runtime/tensor.h"

namespace wan::optimizations {

extern const Optimization fa2;
const Optimization fa2 = {
    .info = {.id = "fa2",
             .summary = "FlashAttention-2 (LibTorch's) for every attention of the transformer",
             .kind = OptimizationClass::equivalent,
             .seams = {"attention"},
             .max_relative_l2 = 0.1},
    .unsupported = [](const ApplyContext& context, const Parameters&) -> std::string {
      if (context.device != "cuda") return "FlashAttention-2 needs a CUDA device; LibTorch's CPU attention is used";
      if (context.head_dim > 256 || context.head_dim % 8 != 0)
        return "FlashAttention-2 takes head sizes up to 256 in steps of 8; LibTorch's choice is used";
      return "";
    },
    .apply =
        [](const Parameters&, Seams& seams, ApplyContext&) {
          seams.attention = [before = seams.attention](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
            if (q.scalar_type() == at::kFloat) return before(q, k, v);  // the kernel takes 16-bit types
            return std::get<0>(at::_scaled_dot_product_flash_attention(q, k, v)).transpose(1, 2).flatten(2);
          };
        },
};

}  // namespace wan::optimizations
