// The `normalizer` of a tokenizer.json: a chain of text-to-text steps.
#pragma once

#include <functional>
#include <string>

#include "engine/io/json.h"

namespace wan::text {

using Normalizer = std::function<std::string(std::string)>;

// `config` is the file's `normalizer`, null for none. Throws UsageError for a step or a pattern that is not supported.
Normalizer make_normalizer(const io::JsonValue& config);

// The UsageError for a component of tokenizer.json that this build does not have.
[[noreturn]] void fail_unsupported(const io::JsonValue& where, const std::string& what, const std::string& supported);

}  // namespace wan::text
