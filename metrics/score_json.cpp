#include "metrics/score_json.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json.h"
#include "engine/io/json_writer.h"

namespace wan::metrics {
namespace {

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

double read_number(io::JsonReader& in) {
  if (in.peek() != io::JsonReader::Kind::string) return in.read_double();
  const std::string word = in.read_string();
  if (word == "inf") return std::numeric_limits<double>::infinity();
  if (word == "-inf") return -std::numeric_limits<double>::infinity();
  in.refuse("expected a number or \"inf\"");
}

template <typename Value, typename Read>
void read_list(io::JsonReader& in, std::vector<Value>& values, Read read) {
  in.begin_array();
  while (in.next_element()) values.push_back(read(in));
  values.shrink_to_fit();  // a store holds many thousands of these
}

Direction read_direction(io::JsonReader& in) {
  const std::string word = in.read_string();
  for (const Direction direction : {Direction::higher_is_better, Direction::lower_is_better, Direction::none})
    if (word == to_string(direction)) return direction;
  in.refuse("expected higher_is_better, lower_is_better or none");
}

int read_version(io::JsonReader& in) {
  const std::int64_t version = in.read_int();
  if (version < 1 || version > std::numeric_limits<int>::max()) in.refuse("expected a version from 1 on");
  return static_cast<int>(version);
}

void read_pooled(io::JsonReader& in, Pooled& pooled) {
  const io::JsonMember members[] = {{"mean", [&] { pooled.mean = read_number(in); }},
                                    {"min", [&] { pooled.min = read_number(in); }},
                                    {"max", [&] { pooled.max = read_number(in); }},
                                    {"p5", [&] { pooled.p5 = read_number(in); }},
                                    {"p95", [&] { pooled.p95 = read_number(in); }}};
  io::read_members(in, members);
}

Score read_score(io::JsonReader& in) {
  Score score;
  bool has_values = false, has_pooled = false, has_error = false;
  const io::JsonMember members[] = {{"metric", [&] { score.metric = in.read_string(); }},
                                    {"version", [&] { score.version = read_version(in); }},
                                    {"options_hash", [&] { score.options_hash = in.read_string(); }},
                                    {"unit", [&] { score.unit = in.read_string(); }},
                                    {"direction", [&] { score.direction = read_direction(in); }},
                                    {"per_frame",
                                     [&] {
                                       has_values = true;
                                       read_list(in, score.per_frame, read_number);
                                     },
                                     false},
                                    {"pooled",
                                     [&] {
                                       has_pooled = true;
                                       read_pooled(in, score.pooled);
                                     },
                                     false},
                                    {"error",
                                     [&] {
                                       has_error = true;
                                       score.error = in.read_string();
                                     },
                                     false}};
  io::read_members(in, members);
  if (has_error && (score.error.empty() || has_values || has_pooled)) in.refuse("a score with \"error\" says why and has no number");
  if (!has_error && !has_pooled) in.refuse("'pooled' is missing");
  return score;
}

ArtifactFinding read_finding(io::JsonReader& in) {
  ArtifactFinding finding;
  const io::JsonMember members[] = {
      {"detector", [&] { finding.detector = in.read_string(); }},
      {"fired", [&] { finding.fired = in.read_bool(); }},
      {"frames", [&] { read_list(in, finding.frames, [](io::JsonReader& reader) { return reader.read_int(); }); }},
      {"detail", [&] { finding.detail = in.read_string(); }}};
  io::read_members(in, members);
  return finding;
}

void append_number(std::string& out, double value) {
  WAN_CHECK(!std::isnan(value), "NaN is no score: a metric without a number says why with `error`");
  io::append_json(out, value);
}

void append_pooled(std::string& out, const Pooled& pooled) {
  const std::pair<const char*, double> values[] = {{R"({"mean":)", pooled.mean},
                                                   {R"(,"min":)", pooled.min},
                                                   {R"(,"max":)", pooled.max},
                                                   {R"(,"p5":)", pooled.p5},
                                                   {R"(,"p95":)", pooled.p95}};
  for (const auto& [key, value] : values) {
    out += key;
    append_number(out, value);
  }
  out += '}';
}

void append_score(std::string& out, const Score& score) {
  out += R"({"metric":)";
  io::append_json(out, score.metric);
  out += R"(,"version":)" + std::to_string(score.version) + R"(,"options_hash":)";
  io::append_json(out, score.options_hash);
  out += R"(,"unit":)";
  io::append_json(out, score.unit);
  out += R"(,"direction":)";
  io::append_json(out, std::string_view(to_string(score.direction)));
  if (!score.error.empty()) {
    out += R"(,"error":)";
    io::append_json(out, score.error);
  } else {
    if (!score.per_frame.empty()) out += R"(,"per_frame":)";
    for (std::size_t i = 0; i < score.per_frame.size(); ++i) {
      out += i == 0 ? '[' : ',';
      append_number(out, score.per_frame[i]);
    }
    out += score.per_frame.empty() ? R"(,"pooled":)" : R"(],"pooled":)";
    append_pooled(out, score.pooled);
  }
  out += '}';
}

void append_finding(std::string& out, const ArtifactFinding& finding) {
  out += R"({"detector":)";
  io::append_json(out, finding.detector);
  out += finding.fired ? R"(,"fired":true,"frames":[)" : R"(,"fired":false,"frames":[)";
  for (std::size_t i = 0; i < finding.frames.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(finding.frames[i]);
  out += R"(],"detail":)";
  io::append_json(out, finding.detail);
  out += '}';
}

}  // namespace

std::string scores_to_json(const QualityScores& scores) {
  return fmt::format(R"({{"schema":{},"scores":{},"artifacts":{}}})", kSchema, list(scores.scores, write_score),
                     list(scores.artifacts, write_finding));
}

QualityScores scores_from_json(std::string_view text, const std::string& name) {
  io::JsonReader in(text, name);
  QualityScores scores = read_scores(in);
  in.finish();
  return scores;
}

void append_scores(std::string& out, const QualityScores& scores) {
  out += fmt::format(R"({{"schema":{},"scores":[)", kSchema);
  for (const auto& score : scores.scores) {
    if (&score != &scores.scores.front()) out += ',';
    append_score(out, score);
  }
  out += R"(],"artifacts":[)";
  for (const auto& finding : scores.artifacts) {
    if (&finding != &scores.artifacts.front()) out += ',';
    append_finding(out, finding);
  }
  out += "]}";
}

QualityScores read_scores(io::JsonReader& in) {
  QualityScores scores;
  const io::JsonMember members[] = {{"schema",
                                     [&] {
                                       if (in.read_int() != kSchema)
                                         in.refuse(fmt::format("expected {}; the file comes from another version", kSchema));
                                     }},
                                    {"scores", [&] { read_list(in, scores.scores, read_score); }},
                                    {"artifacts", [&] { read_list(in, scores.artifacts, read_finding); }}};
  io::read_members(in, members);
  return scores;
}

}  // namespace wan::metrics
