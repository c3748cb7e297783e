// The named character references of HTML5, as data.
#pragma once

#include <string_view>

namespace wan::text {

struct HtmlEntity {
  std::string_view name;   // without & and ;
  std::string_view value;  // UTF-8
  bool without_semicolon;  // one of the old names that count even if the semicolon is missing
};

// Case-sensitive; nullptr if the standard does not list the name.
const HtmlEntity* find_html_entity(std::string_view name);

}  // namespace wan::text
