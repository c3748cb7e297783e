// The numbers that the roadmap promises, one `[[claim]]` each in suites/claims.toml (schema: suites/schema.md), so that what is measured
// stands beside what was promised and, where arithmetic knows one, the limit that no implementation can pass.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wan::plan {

// What a claim counts in. Absolute figures are stated for the roadmap's own case: the 14B pair, 1280x720, 81 frames, one H200.
struct ClaimFigure {
  std::string_view name, unit;
  bool more_is_better = true;
  bool absolute = false;
};

struct Claim {
  std::string id = {};
  std::string configuration = {};  // either this ...
  std::string tier = {};           // ... or this, which means the tier's `*_all`
  std::string text = {};           // in the roadmap's words
  std::string source = {};         // its section
  std::string figure = {};
  std::string unit = {};
  std::string part = "clip";  // what the figure is of
  std::string over = {};      // of a ratio: what it is compared with; empty: the configuration's own baseline
  std::optional<double> low = {}, high = {};
  std::optional<double> limit = {};
  std::string limit_why = {};  // its arithmetic in words
  bool operator==(const Claim&) const = default;
};

const ClaimFigure& figure_of(const Claim& claim);
// The configuration that the claim is about.
std::string subject_of(const Claim& claim);
// The end of the range that a measurement must reach.
double least_promised(const Claim& claim);
// Whether even the weaker end of what is promised lies beyond the limit.
bool is_beyond_limit(const Claim& claim);

// UsageError with every fault of the file, one a line.
std::vector<Claim> load_claims(const std::filesystem::path& path);

}  // namespace wan::plan
