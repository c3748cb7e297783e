#include "engine/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/base/error.h"
#include "engine/generator.h"
#include "engine/reference_seams.h"
#include "engine/runtime/plugin.h"

namespace wan {
namespace {

const Optimization* find(const std::string& id) {
  for (const Optimization* entry : optimizations::catalogue())
    if (entry->info.id == id) return entry;
  return nullptr;
}

std::string describe_unknown(const std::string& id) {
  std::vector<std::string> ids;
  for (const Optimization* entry : optimizations::catalogue()) ids.push_back(entry->info.id);
  const std::string near = nearest_word(id, ids);
  return fmt::format("optimisation '{}' is not known; {}", id,
                     near.empty() ? fmt::format("there are {}", fmt::join(ids, ", ")) : fmt::format("did you mean '{}'?", near));
}

}  // namespace

std::vector<OptimizationInfo> list_optimizations() {
  std::vector<OptimizationInfo> infos;
  for (const Optimization* entry : optimizations::catalogue()) infos.push_back(entry->info);
  return infos;
}

std::string check_configuration(std::span<const OptimizationChoice> choices) {
  std::map<std::string, std::string> filler_of;  // seam -> optimisation that fills it without wrapping
  std::vector<std::string> seen;
  for (const OptimizationChoice& choice : choices) {
    const Optimization* entry = find(choice.id);
    if (!entry) return describe_unknown(choice.id);
    if (const auto faults = check_parameters(entry->info.parameters, choice.parameters); !faults.empty())
      return fmt::format("{}: {}", choice.id, fmt::join(faults, "; "));
    if (std::find(seen.begin(), seen.end(), choice.id) != seen.end()) return fmt::format("'{}' stands in the list twice", choice.id);
    seen.push_back(choice.id);
    if (entry->info.wraps) continue;
    for (const std::string& seam : entry->info.seams)
      if (const auto [at, fresh] = filler_of.emplace(seam, choice.id); !fresh)
        return fmt::format("'{}' and '{}' both fill the seam '{}'; only one of them can be on", at->second, choice.id, seam);
  }
  return {};
}

AppliedConfiguration apply_configuration(std::span<const OptimizationChoice> choices, const TargetDevice& target) {
  if (std::string fault = check_configuration(choices); !fault.empty()) throw UsageError(fault);
  AppliedConfiguration applied{.seams = reference_seams()};
  if (target.kind == "cuda" && target.here) runtime::load_cuda_plugin().fill_seams(applied.seams);
  ApplyContext context{.device = target.kind,
                       .blocks = target.blocks,
                       .head_dim = target.head_dim,
                       .vae_tile_margin = target.vae_tile_margin,
                       .placement = applied.placement,
                       .emulations = applied.emulations};
  for (const OptimizationChoice& choice : choices) {
    const Optimization* entry = find(choice.id);
    const Parameters parameters = resolve_parameters(entry->info.parameters, choice.parameters, choice.id);
    if (const std::string reason = entry->unsupported(context, parameters); !reason.empty()) {
      if (target.strict) throw UsageError(fmt::format("{}: {} (--strict makes a fallback an error)", choice.id, reason));
      applied.fallbacks.push_back(fmt::format("{}: {}", choice.id, reason));
      continue;
    }
    entry->apply(parameters, applied.seams, context);
  }
  return applied;
}

}  // namespace wan
