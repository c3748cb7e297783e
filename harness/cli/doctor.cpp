#include "harness/cli/doctor.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/io/json.h"
#include "harness/machine/perf_counters.h"

namespace wan::cli {
namespace {

constexpr int kDoctorSchema = 1;
constexpr int kHealthWidth = 8, kCheckWidth = 14;

const char* word(Health health) { return health == Health::ok ? "ok" : health == Health::warning ? "warning" : "FAULT"; }

std::string write_figure(const Figure& figure) {
  const std::string value = std::isfinite(figure.value) ? fmt::format("{:.9g}", figure.value) : "null";
  return fmt::format("{}:{}", io::quote_json(figure.name), value);
}

std::string write_finding(const NamedFinding& named) {
  std::vector<std::string> figures;
  for (const Figure& figure : named.finding.figures) figures.push_back(write_figure(figure));
  return fmt::format("  {{\"check\":{},\"health\":\"{}\",\"detail\":{},\"advice\":{},\"figures\":{{{}}}}}", io::quote_json(named.check),
                     named.finding.health == Health::fault ? "fault" : word(named.finding.health), io::quote_json(named.finding.detail),
                     io::quote_json(named.finding.advice), fmt::join(figures, ","));
}

}  // namespace

std::string to_text(const NamedFinding& named) {
  std::string text =
      fmt::format("{:<{}} {:<{}} {}\n", word(named.finding.health), kHealthWidth, named.check, kCheckWidth, named.finding.detail);
  if (!named.finding.advice.empty()) text += fmt::format("{:<{}} -> {}\n", "", kHealthWidth + kCheckWidth + 1, named.finding.advice);
  return text;
}

std::string to_json(std::span<const NamedFinding> findings) {
  std::vector<std::string> lines;
  for (const NamedFinding& finding : findings) lines.push_back(write_finding(finding));
  return fmt::format("{{\"schema\":{},\"sound\":{},\"findings\":[\n{}\n]}}\n", kDoctorSchema, is_sound(findings), fmt::join(lines, ",\n"));
}

bool is_sound(std::span<const NamedFinding> findings) {
  return std::none_of(findings.begin(), findings.end(), [](const auto& named) { return named.finding.health == Health::fault; });
}

Finding examine_counters(const machine::Proc& proc) {
  const std::array threads{static_cast<int>(::getpid())};
  const machine::PerfCounters counters(threads);
  const auto paranoid = proc.perf_event_paranoid();
  const auto admins_only = proc.profiling_for_admins_only();
  Finding finding;
  finding.detail = counters.problem().empty() ? "CPU counters can be read" : counters.problem();
  if (paranoid) {
    finding.detail += fmt::format("; perf_event_paranoid is {}", *paranoid);
    finding.figures.push_back({.name = "perf_event_paranoid", .value = static_cast<double>(*paranoid)});
  }
  if (admins_only) {
    finding.detail += *admins_only ? "; the driver keeps GPU counters for administrators" : "; GPU counters are open to all";
    finding.figures.push_back({.name = "gpu_counters_for_admins_only", .value = *admins_only ? 1.0 : 0.0});
  }
  if (!counters.problem().empty())
    finding.advice = paranoid.value_or(0) > 2
                         ? "times are measured all the same; cycles need a perf_event_paranoid of at most 2"
                         : "times are measured all the same; cycles need a host, or a virtual machine, that shows its counters";
  if (admins_only.value_or(false))
    finding.advice +=
        fmt::format("{}GPU counters need the driver's option NVreg_RestrictProfilingToAdminUsers=0", finding.advice.empty() ? "" : "; ");
  if (!finding.advice.empty()) finding.health = Health::warning;
  return finding;
}

Finding judge_noise(const machine::NoiseScore& score, double materiality) {
  if (!score.deviation)
    return {.health = Health::warning, .detail = fmt::format("{} samples are too few", score.samples), .advice = "give it more --seconds"};
  Finding finding;
  finding.detail = fmt::format(
      "CPU only: times deviate by {:.2f} % (median of {} samples of {:.0f} ms); 12 blocks of such visits give ±{:.2f} % and show {:.2f} %",
      100 * *score.deviation, score.samples, 1e3 * score.median_s, 100 * *score.half_width, 100 * *score.resolvable);
  finding.figures = {{.name = "samples", .value = static_cast<double>(score.samples)},
                     {.name = "median_s", .value = score.median_s},
                     {.name = "relative_deviation", .value = *score.deviation},
                     {.name = "half_width_12_blocks", .value = *score.half_width},
                     {.name = "resolvable_12_blocks", .value = *score.resolvable}};
  if (*score.half_width > materiality) {
    finding.health = Health::warning;
    finding.advice = fmt::format("a change of {:.0f} % is lost in this: stop other work, or time longer visits", 100 * materiality);
  }
  return finding;
}

Finding describe_ceilings(double host_copy_bytes_per_s, int threads) {
  return {
      .detail = fmt::format("host memory copies {:.1f} GB/s (read and written, {} threads); a device's are not measured: the plug-in has "
                            "no probe for them",
                            1e-9 * host_copy_bytes_per_s, threads),
      .figures = {{.name = "host_copy_bytes_per_s", .value = host_copy_bytes_per_s}}};
}

}  // namespace wan::cli
