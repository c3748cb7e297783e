// Records as JSON and back. Reading is strict: another schema, an absent or unknown key or a wrong type is a UsageError that names the file
// and the path inside it. JSON has no infinity: a double that is none is "inf", "-inf" or "nan".
#pragma once

#include <string>
#include <string_view>

#include "harness/machine/covariates.h"
#include "harness/store/record.h"

namespace wan::store {

// Indented, keys in the order of record_fields.h, ends with a newline.
std::string to_json(const RunRecord& record);
// `name` stands for the file in messages. Members `verdicts`, `claims` and `costs`, which exports carry, are accepted and left aside: they
// follow from the record.
RunRecord record_from_json(std::string_view text, const std::string& name);

// One line without its newline.
std::string to_json_line(const Cell& cell);
Cell cell_from_json_line(std::string_view line, const std::string& name);
std::string to_json_line(const Visit& visit);
Visit visit_from_json_line(std::string_view line, const std::string& name);

std::string to_json_line(const machine::Covariates& covariates);
machine::Covariates covariates_from_json_line(std::string_view line, const std::string& name);

}  // namespace wan::store
