// Records as JSON and back, without a tree in between: a record of ten thousand cells takes the memory of its values. Reading is strict:
// another schema, an absent, repeated or unknown key or a wrong type is a UsageError that names the file and the path inside it
// (engine/io/json_codec.h).
#pragma once

#include <string>
#include <string_view>

#include "harness/machine/covariates.h"
#include "harness/store/record.h"

namespace wan::store {

// The whole record, one cell a line, keys in the order of record_fields.h, ends with a newline: what is exported.
std::string to_json(const RunRecord& record);
// `name` stands for the file in messages. Members `verdicts`, `claims` and `costs`, which exports carry, are accepted and left aside: they
// follow from the record.
RunRecord record_from_json(std::string_view text, const std::string& name);

// run.json: the same, but of each cell only prompt, seed, key, status and seal; the rest is in cells.jsonl. A cell read back is what a plan
// knows of it.
std::string to_header_json(const RunRecord& record);
RunRecord header_from_json(std::string_view text, const std::string& name);

// One line without its newline.
std::string to_json_line(const Cell& cell);
Cell cell_from_json_line(std::string_view line, const std::string& name);
std::string to_json_line(const Visit& visit);
Visit visit_from_json_line(std::string_view line, const std::string& name);

// What seals are taken over. Of a cell everything but its seal and the place of its clip, which may go while the result stays; of a run
// the header without its own seal.
std::string sealed_text(const Cell& cell);
std::string sealed_text(const Visit& visit);
std::string sealed_text(const RunRecord& record);

std::string to_json_line(const machine::Covariates& covariates);
machine::Covariates covariates_from_json_line(std::string_view line, const std::string& name);

}  // namespace wan::store
