// A small reader of XML and of HTML as we write it: enough to say whether every tag is closed in order and every attribute quoted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wan::reports::testing {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes = {};
  std::string text = {};  // its own and its descendants', entities resolved
  std::vector<std::size_t> children = {};
};

struct Document {
  std::string error = {};              // empty: well-formed
  std::vector<Element> elements = {};  // in order of their start tags; the first is the root
  std::vector<const Element*> all(std::string_view name) const;
  std::vector<const Element*> with_class(std::string_view style) const;
};

Document parse_markup(std::string_view markup);

}  // namespace wan::reports::testing
