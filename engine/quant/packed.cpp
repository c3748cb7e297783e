#include "engine/quant/packed.h"

#include <ATen/ops/gelu.h>

#include "engine/base/error.h"
#include "engine/runtime/tensor.h"

namespace wan::quant {
namespace {

const PackedLinear* packed_of(const Linear& layer) { return dynamic_cast<const PackedLinear*>(layer.packed.get()); }

at::Tensor apply(const PackedLinear& packed, const Linear& layer, const Activation& x) {
  WAN_CHECK(!x.scale, "{}: an activation quantised upstream reached a layer that quantises its own", to_string(layer.id));
  return packed.apply(layer, x.tensor);
}

}  // namespace

void route_packed_linears(Seams& seams) {
  if (seams.packed_linears_routed) return;
  seams.packed_linears_routed = true;
  seams.project = [before = seams.project](const Linear& layer, const Activation& x) {
    const PackedLinear* packed = packed_of(layer);
    return packed ? apply(*packed, layer, x) : before(layer, x);
  };
  seams.qkv = [before = seams.qkv, project = seams.project](std::span<const Linear> layers, const Activation& x) {
    bool any = false;
    for (const Linear& layer : layers) any |= packed_of(layer) != nullptr;
    if (!any) return before(layers, x);
    std::vector<at::Tensor> outputs;
    for (const Linear& layer : layers) outputs.push_back(project(layer, x));
    return outputs;
  };
  seams.ffn = [before = seams.ffn, project = seams.project](const Linear& up, const Linear& down, const Activation& x) {
    if (!packed_of(up) && !packed_of(down)) return before(up, down, x);
    return project(down, {.tensor = at::gelu(project(up, x), "tanh")});
  };
}

void pack_linears(Seams& seams, PackingRule rule) {
  route_packed_linears(seams);
  const auto shared = std::make_shared<const PackingRule>(std::move(rule));
  seams.pack_linear = [before = seams.pack_linear, shared](Linear& layer) {
    before(layer);
    if (layer.packed || layer.keep_reference || !shared->takes(layer.id)) return;
    layer.packed = shared->pack(layer);
    layer.weight = at::Tensor();
  };
  seams.packed_bytes = [before = seams.packed_bytes, shared](const LayerId& id, std::int64_t rows,
                                                             std::int64_t columns) -> std::optional<PackedBytes> {
    if (const auto taken = before(id, rows, columns)) return taken;
    if (!shared->takes(id)) return std::nullopt;
    return shared->bytes(rows, columns);
  };
}

}  // namespace wan::quant
