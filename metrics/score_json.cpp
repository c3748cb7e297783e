#include "metrics/score_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "engine/base/error.h"
#include "engine/io/json.h"

namespace wan::metrics {
namespace {

using io::JsonValue;
using io::quote_json;

constexpr int kSchema = 1;

std::string number(double value) {
  WAN_CHECK(!std::isnan(value), "NaN is no score: a metric without a number says why with `error`");
  if (std::isinf(value)) return value > 0 ? "\"inf\"" : "\"-inf\"";
  return fmt::format("{:.17g}", value);
}

template <typename Values, typename Write>
std::string list(const Values& values, Write write) {
  std::string text = "[";
  for (const auto& value : values) text += (text.size() > 1 ? "," : "") + write(value);
  return text + "]";
}

std::string write_score(const Score& score) {
  std::string text = fmt::format(R"({{"metric":{},"version":{},"options_hash":{},"unit":{},"direction":"{}")", quote_json(score.metric),
                                 score.version, quote_json(score.options_hash), quote_json(score.unit), to_string(score.direction));
  if (!score.error.empty()) return text + fmt::format(R"(,"error":{}}})", quote_json(score.error));
  if (!score.per_frame.empty()) text += R"(,"per_frame":)" + list(score.per_frame, number);
  const Pooled& pooled = score.pooled;
  return text + fmt::format(R"(,"pooled":{{"mean":{},"min":{},"max":{},"p5":{},"p95":{}}}}})", number(pooled.mean), number(pooled.min),
                            number(pooled.max), number(pooled.p5), number(pooled.p95));
}

std::string write_finding(const ArtifactFinding& finding) {
  return fmt::format(R"({{"detector":{},"fired":{},"frames":{},"detail":{}}})", quote_json(finding.detector), finding.fired,
                     list(finding.frames, [](std::int64_t frame) { return std::to_string(frame); }), quote_json(finding.detail));
}

void check_keys(const JsonValue& object, std::initializer_list<const char*> known) {
  if (!object.is_object()) throw UsageError(fmt::format("{}: expected an object", object.where()));
  const std::vector<std::string> names(known.begin(), known.end());
  for (const std::string& key : object.keys()) {
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    const std::string near = nearest_word(key, names);
    throw UsageError(fmt::format("{}: unknown key '{}'{}", object.where(), key, near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
}

double read_number(const JsonValue& value) {
  if (!value.is_string()) return value.as_double();
  if (value.as_string() == "inf") return std::numeric_limits<double>::infinity();
  if (value.as_string() == "-inf") return -std::numeric_limits<double>::infinity();
  throw UsageError(fmt::format("{}: expected a number or \"inf\"", value.where()));
}

template <typename Read>
auto read_list(const JsonValue& array, Read read) {
  if (!array.is_array()) throw UsageError(fmt::format("{}: expected a list", array.where()));
  std::vector<decltype(read(array))> values;
  for (std::size_t i = 0; i < array.size(); ++i) values.push_back(read(array.at(i)));
  return values;
}

Direction read_direction(const JsonValue& value) {
  for (const Direction direction : {Direction::higher_is_better, Direction::lower_is_better, Direction::none})
    if (value.as_string() == to_string(direction)) return direction;
  throw UsageError(fmt::format("{}: expected higher_is_better, lower_is_better or none", value.where()));
}

Pooled read_pooled(const JsonValue& value) {
  check_keys(value, {"mean", "min", "max", "p5", "p95"});
  return {.mean = read_number(value.at("mean")),
          .min = read_number(value.at("min")),
          .max = read_number(value.at("max")),
          .p5 = read_number(value.at("p5")),
          .p95 = read_number(value.at("p95"))};
}

Score read_score(const JsonValue& value) {
  check_keys(value, {"metric", "version", "options_hash", "unit", "direction", "per_frame", "pooled", "error"});
  const std::int64_t version = value.at("version").as_int();
  if (version < 1 || version > std::numeric_limits<int>::max())
    throw UsageError(fmt::format("{}: expected a version from 1 on", value.at("version").where()));
  Score score{.metric = value.at("metric").as_string(),
              .version = static_cast<int>(version),
              .options_hash = value.at("options_hash").as_string(),
              .unit = value.at("unit").as_string(),
              .direction = read_direction(value.at("direction"))};
  const auto keys = value.keys();
  const auto present = [&](const char* key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); };
  if (present("error")) {
    score.error = value.at("error").as_string();
    if (score.error.empty() || present("per_frame") || present("pooled"))
      throw UsageError(fmt::format("{}: a score with \"error\" says why and has no number", value.where()));
    return score;
  }
  if (present("per_frame")) score.per_frame = read_list(value.at("per_frame"), read_number);
  score.pooled = read_pooled(value.at("pooled"));
  return score;
}

ArtifactFinding read_finding(const JsonValue& value) {
  check_keys(value, {"detector", "fired", "frames", "detail"});
  return {.detector = value.at("detector").as_string(),
          .fired = value.at("fired").as_bool(),
          .frames = value.at("frames").as_ints(),
          .detail = value.at("detail").as_string()};
}

}  // namespace

std::string scores_to_json(const QualityScores& scores) {
  return fmt::format(R"({{"schema":{},"scores":{},"artifacts":{}}})", kSchema, list(scores.scores, write_score),
                     list(scores.artifacts, write_finding));
}

QualityScores scores_from_json(std::string_view text, const std::string& name) {
  const JsonValue root = JsonValue::parse(text, name);
  check_keys(root, {"schema", "scores", "artifacts"});
  if (root.at("schema").as_int() != kSchema)
    throw UsageError(fmt::format("{}: expected {}; the file comes from another version", root.at("schema").where(), kSchema));
  return {.scores = read_list(root.at("scores"), read_score), .artifacts = read_list(root.at("artifacts"), read_finding)};
}

}  // namespace wan::metrics
