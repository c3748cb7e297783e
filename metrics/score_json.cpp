#include "metrics/score_json.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_writer.h"

namespace wan::metrics {
namespace {

constexpr int kSchema = 1;

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

Profile read_profile(io::JsonReader& in) {
  Profile profile;
  const io::JsonMember members[] = {{"per_frame", [&] { read_list(in, profile.per_frame, read_number); }, false},
                                    {"pooled", [&] { read_pooled(in, profile.pooled); }}};
  io::read_members(in, members);
  return profile;
}

Score read_score(io::JsonReader& in) {
  Score score;
  bool has_values = false, has_pooled = false, has_error = false;
  const io::JsonMember members[] = {{"metric", [&] { score.metric = in.read_string(); }},
                                    {"version", [&] { score.version = read_version(in); }},
                                    {"options_hash", [&] { score.options_hash = in.read_string(); }},
                                    {"unit", [&] { score.unit = in.read_string(); }},
                                    {"colour", [&] { score.colour = in.read_string(); }, false},
                                    {"range", [&] { score.range = in.read_string(); }, false},
                                    {"pooling", [&] { score.pooling = in.read_string(); }, false},
                                    {"direction", [&] { score.direction = read_direction(in); }},
                                    {"reference", [&] { score.reference = read_profile(in); }, false},
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
  if (has_error && (score.error.empty() || has_values || has_pooled || score.reference))
    in.refuse("a score with \"error\" says why and has no number");
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

// How doubles are written; both forms read back as the same bits.
enum class Digits { shortest, seventeen };

void append_number(std::string& out, double value, Digits digits) {
  WAN_CHECK(!std::isnan(value), "NaN is no score: a metric without a number says why with `error`");
  if (digits == Digits::shortest || std::isinf(value)) return io::append_json(out, value);
  fmt::format_to(std::back_inserter(out), "{:.17g}", value);
}

void append_string(std::string& out, const char* key, std::string_view value) {
  out += key;
  io::append_json(out, value);
}

void append_profile(std::string& out, const std::vector<double>& per_frame, const Pooled& pooled, Digits digits) {
  if (!per_frame.empty()) out += R"("per_frame":)";
  for (std::size_t i = 0; i < per_frame.size(); ++i) {
    out += i == 0 ? '[' : ',';
    append_number(out, per_frame[i], digits);
  }
  out += per_frame.empty() ? R"("pooled":)" : R"(],"pooled":)";
  const std::pair<const char*, double> values[] = {{R"({"mean":)", pooled.mean},
                                                   {R"(,"min":)", pooled.min},
                                                   {R"(,"max":)", pooled.max},
                                                   {R"(,"p5":)", pooled.p5},
                                                   {R"(,"p95":)", pooled.p95}};
  for (const auto& [key, value] : values) {
    out += key;
    append_number(out, value, digits);
  }
  out += '}';
}

void append_score(std::string& out, const Score& score, Digits digits) {
  append_string(out, R"({"metric":)", score.metric);
  out += R"(,"version":)" + std::to_string(score.version);
  append_string(out, R"(,"options_hash":)", score.options_hash);
  append_string(out, R"(,"unit":)", score.unit);
  if (!score.colour.empty()) append_string(out, R"(,"colour":)", score.colour);
  if (!score.range.empty()) append_string(out, R"(,"range":)", score.range);
  if (!score.pooling.empty()) append_string(out, R"(,"pooling":)", score.pooling);
  append_string(out, R"(,"direction":)", to_string(score.direction));
  out += ',';
  if (!score.error.empty()) {
    append_string(out, R"("error":)", score.error);
  } else {
    append_profile(out, score.per_frame, score.pooled, digits);
    if (score.reference) {
      out += R"(,"reference":{)";
      append_profile(out, score.reference->per_frame, score.reference->pooled, digits);
      out += '}';
    }
  }
  out += '}';
}

void append_finding(std::string& out, const ArtifactFinding& finding) {
  append_string(out, R"({"detector":)", finding.detector);
  out += finding.fired ? R"(,"fired":true,"frames":[)" : R"(,"fired":false,"frames":[)";
  for (std::size_t i = 0; i < finding.frames.size(); ++i) out += (i == 0 ? "" : ",") + std::to_string(finding.frames[i]);
  append_string(out, R"(],"detail":)", finding.detail);
  out += '}';
}

void append_scores(std::string& out, const QualityScores& scores, Digits digits) {
  out += fmt::format(R"({{"schema":{},"scores":[)", kSchema);
  for (const auto& score : scores.scores) {
    if (&score != &scores.scores.front()) out += ',';
    append_score(out, score, digits);
  }
  out += R"(],"artifacts":[)";
  for (const auto& finding : scores.artifacts) {
    if (&finding != &scores.artifacts.front()) out += ',';
    append_finding(out, finding);
  }
  out += "]}";
}

}  // namespace

std::string scores_to_json(const QualityScores& scores) {
  std::string text;
  append_scores(text, scores, Digits::seventeen);
  return text;
}

QualityScores scores_from_json(std::string_view text, const std::string& name) {
  io::JsonReader in(text, name);
  QualityScores scores = read_scores(in);
  in.finish();
  return scores;
}

void append_scores(std::string& out, const QualityScores& scores) { append_scores(out, scores, Digits::shortest); }

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
