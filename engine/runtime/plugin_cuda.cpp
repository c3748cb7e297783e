// The plug-in's one exported function and the table behind it.
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
#include <fmt/core.h>

#include "engine/layer.h"
#include "engine/ops/linear.h"
#include "engine/ops/linear_cuda.h"
#include "engine/ops/qk_norm_rope.h"
#include "engine/ops/qk_norm_rope_cuda.h"
#include "engine/ops/residual_norm_modulate_cuda.h"
#include "engine/runtime/graph_cuda.h"
#include "engine/runtime/plugin.h"
#include "engine/seams.h"
#include "engine/vae/activate_cuda.h"
#include "wan_build_id.h"

namespace wan::runtime {
namespace {

int device_count() { return c10::cuda::device_count(); }

std::string device_name(int index) {
  cudaDeviceProp properties{};
  if (cudaGetDeviceProperties(&properties, index) != cudaSuccess) return "unknown CUDA device";
  return fmt::format("{} (sm_{}{}, {:.0f} GiB)", properties.name, properties.major, properties.minor,
                     static_cast<double>(properties.totalGlobalMem) / (1024.0 * 1024.0 * 1024.0));
}

void reset_peak_bytes(int index) { c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(index)); }

std::int64_t peak_bytes(int index) {
  const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
  return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak;
}

std::int64_t free_bytes(int index) {
  const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(index));
  std::size_t free = 0, total = 0;
  return cudaMemGetInfo(&free, &total) == cudaSuccess ? static_cast<std::int64_t>(free) : 0;
}

void fill_seams(Seams& seams) {
  seams.residual_norm_modulate = [reference = seams.residual_norm_modulate](const ResidualNormModulate& in) {
    auto fused = ops::residual_norm_modulate_cuda(in);
    return fused ? std::move(*fused) : reference(in);
  };
  seams.qk_norm_rope = [](const QkNormRope& in) {
    const auto one = [&](const at::Tensor& x, const at::Tensor& weight) {
      if (!x.defined()) return at::Tensor();
      auto fused = ops::norm_rope_cuda(x, weight, in);
      return fused ? std::move(*fused) : ops::norm_rope(x, weight, in);
    };
    return std::array{one(in.query, in.query_weight), one(in.key, in.key_weight)};
  };
  ops::set_linears(seams, [reference = seams.project](const Linear& layer, const Activation& x) {
    auto followed = ops::project_cuda(layer, x);
    return followed ? std::move(*followed) : reference(layer, x);
  });
  seams.extend_activated = [reference = seams.extend_activated](const ExtendActivated& in) {
    const auto fused = vae::extend_activated_cuda(in);
    return fused ? *fused : reference(in);
  };
}

}  // namespace
}  // namespace wan::runtime

extern "C" const wan::runtime::CudaPlugin* wan_cuda_plugin() {
  using namespace wan::runtime;
  static constexpr CudaPlugin kTable{.version = kPluginVersion,
                                     .build_id = WAN_BUILD_ID,
                                     .device_count = device_count,
                                     .device_name = device_name,
                                     .reset_peak_bytes = reset_peak_bytes,
                                     .peak_bytes = peak_bytes,
                                     .free_bytes = free_bytes,
                                     .leave_default_stream = leave_default_stream_cuda,
                                     .record = record_cuda,
                                     .fill_seams = fill_seams};
  return &kTable;
}
