#include <fmt/format.h>

#include <cmath>

#include "reports/format.h"
#include "reports/render.h"

namespace wan::reports {
namespace {

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  return out + "\"";
}

// Full precision: CSV is for programs.
std::string number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{}", value);
}

std::string line(const std::vector<std::string>& fields) {
  std::string text;
  for (std::size_t i = 0; i < fields.size(); ++i) text += (i > 0 ? "," : "") + quoted(fields[i]);
  return text + "\r\n";
}

std::vector<std::string> cell_fields(const store::RunRecord& run, const store::Cell& cell) {
  return {run.run_id,
          run.tier_id,
          cell.configuration,
          cell.prompt,
          cell.category,
          std::to_string(cell.seed),
          store::to_string(cell.status),
          one_line(cell.reason),
          number(cell.elapsed_s),
          cell.timed ? "true" : "false",
          std::to_string(cell.transformer_forwards),
          std::to_string(cell.peak_bytes),
          std::to_string(cell.nonfinite),
          cell.clip_hash};
}

std::vector<std::string> score_fields(const metrics::Score& score) {
  std::vector<std::string> fields{score.metric, std::to_string(score.version), score.unit};
  const bool absent = !score.error.empty();
  for (const double value : {score.pooled.mean, score.pooled.min, score.pooled.max, score.pooled.p5, score.pooled.p95})
    fields.push_back(absent ? "" : number(value));
  fields.push_back(one_line(score.error));
  return fields;
}

}  // namespace

std::string render_csv(const Dataset& data) {
  static const std::vector<std::string> kCellColumns{"run",      "tier",       "configuration", "prompt",    "category",
                                                     "seed",     "status",     "reason",        "elapsed_s", "timed",
                                                     "forwards", "peak_bytes", "nonfinite",     "clip_hash"};
  static const std::vector<std::string> kScoreColumns{"metric", "version", "unit", "mean", "min", "max", "p5", "p95", "error"};
  const auto joined = [](std::vector<std::string> left, const std::vector<std::string>& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
  };
  std::string out = line(joined(kCellColumns, kScoreColumns));
  for (const auto& configuration : data.run.configurations) {
    for (const auto& cell : configuration.cells) {
      const auto fields = cell_fields(data.run, cell);
      for (const auto& score : cell.scores.scores) out += line(joined(fields, score_fields(score)));
      if (cell.scores.scores.empty()) out += line(joined(fields, std::vector<std::string>(kScoreColumns.size())));
    }
  }
  return out;
}

}  // namespace wan::reports
