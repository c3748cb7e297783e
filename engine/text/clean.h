// Prompt cleaning of the official pipelines, before the tokenizer: ftfy.fix_text with its defaults, HTML unescaping twice, white space.
// What of ftfy is covered: README.md of this room.
#pragma once

#include <string>
#include <string_view>

namespace wan::text {

// Throws UsageError if `prompt` is not valid UTF-8.
std::string clean_prompt(std::string_view prompt);

}  // namespace wan::text
