// A flicker that comes back every four frames. Wan's and HunyuanVideo's decoders make four frames of one latent, so seams between latents,
// in tiles or chunks in time, repeat with that period. Looked at are the differences of the clips' profiles (brightness, colour, noise, and
// the steps of what stands still in the reference), so motion that the reference has too cancels out. A profile fires if its phases explain
// most of what is left after its trend, differ by more than a limit, and one of them stands out each time.
#include <fmt/format.h>

#include <utility>

#include "metrics/clip_profile.h"
#include "metrics/metric.h"

namespace wan::metrics {
namespace {

constexpr std::int64_t kPeriod = 4;
constexpr double kLeastStill = 0.02;  // share of pixels that must stand still for their flicker to say anything

// Mean step of the pixels that stand still in the reference, candidate less reference, frames 1 ... T - 1.
std::vector<double> still_steps(const Statistics& statistics) {
  std::vector<double> result;
  for (std::size_t i = 1; i < statistics.pairs.size(); ++i) {
    const Still& still = statistics.pairs[i].first;
    if (static_cast<double>(still.pixels) < kLeastStill * static_cast<double>(statistics.pixels())) return {};
    result.push_back((static_cast<double>(still.candidate) - static_cast<double>(still.reference)) / static_cast<double>(still.pixels));
  }
  return result;
}

QualityScores judge(const Statistics& statistics, const Format&, const Parameters& parameters) {
  const double level = get_number(parameters, "level"), explained = get_number(parameters, "explained");
  const auto [reference, candidate] = profiles_of(statistics);
  const std::pair<const char*, std::vector<double>> series[] = {{"brightness", difference(candidate.luma, reference.luma)},
                                                                {"blue chroma", difference(candidate.cb, reference.cb)},
                                                                {"red chroma", difference(candidate.cr, reference.cr)},
                                                                {"noise", difference(candidate.detail, reference.detail)},
                                                                {"still regions", still_steps(statistics)}};
  ArtifactFinding finding{.detector = "flicker_period4"};
  double most = level;
  for (const auto& [name, values] : series) {
    const Periodicity found = periodicity(values, kPeriod);
    if (!found.repeated || found.explained < explained || found.amplitude <= most) continue;
    most = found.amplitude;
    finding.fired = true;
    finding.detail = fmt::format("{}: {:.3g} levels between the phases of four frames, which explain {:.0f} % of the variance", name,
                                 found.amplitude, 100 * found.explained);
  }
  if (finding.fired)
    for (std::int64_t i = 0; i < statistics.frames(); ++i) finding.frames.push_back(i);
  return {.artifacts = {std::move(finding)}};
}

}  // namespace

extern const Metric flicker_period4;
const Metric flicker_period4{
    .info = {.id = "flicker_period4",
             .summary = "fires on a flicker with the period of a latent, four frames, that the reference does not have",
             .parameters = {{.name = "level",
                             .help = "least difference between the phases, in levels of 255",
                             .default_value = 0.5,
                             .minimum = 0.05,
                             .maximum = 255.0},
                            {.name = "explained",
                             .help = "least share of the variance that lies between phases",
                             .default_value = 0.75,
                             .minimum = 0.1,
                             .maximum = 1.0}},
             .detector = true},
    .judge = judge,
};

}  // namespace wan::metrics
