// Scores as JSON text, the format of `wan-eval metrics --json` and of the objects that a record embeds:
//   {"schema":1,"scores":[{"metric":"ssim.ipol","version":1,...,"per_frame":[...],"pooled":{"mean":...,"min":...,...}}],
//    "artifacts":[{"detector":"black_frame","fired":false,"frames":[],"detail":""}]}
// A score without a number has "error" in place of "per_frame" and "pooled"; one without values per frame has no "per_frame". "colour",
// "range" and "pooling" stand where there is something to say; "reference", with the same two members, where a score is of one clip.
// Infinity is the string "inf", since JSON has none; null is not accepted. Numbers carry 17 digits, so reading gives the same bits back.
#pragma once

#include <string>
#include <string_view>

#include "engine/io/json_reader.h"
#include "metrics/score.h"

namespace wan::metrics {

std::string scores_to_json(const QualityScores& scores);

// Strict: an unknown or missing key, another schema, a wrong type is a UsageError that names `name` and the path of the fault.
QualityScores scores_from_json(std::string_view text, const std::string& name);

// The same object inside a longer text. Numbers are written as short as they can be and read back as the same bits.
void append_scores(std::string& out, const QualityScores& scores);
QualityScores read_scores(io::JsonReader& in);

}  // namespace wan::metrics
