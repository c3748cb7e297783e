#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "harness/plan/claim_fields.h"
#include "harness/plan/fields.h"

namespace wan::plan {
namespace {

// The first four cells of the row that suites/schema.md must have for a field: name, unit, default, accepted values.
class ExpectedRows {
 public:
  template <typename T>
  void operator()(const Field& field, const T& value) {
    if constexpr (Fielded<T>)
      rows.push_back(fmt::format("| `{}` | | | table |", field.name));
    else
      rows.push_back(fmt::format("| `{}` |{} |{} | {} |", field.name, padded(field.unit), padded(shown(value)), accepted(field, value)));
  }
  std::vector<std::string> rows;

 private:
  static std::string padded(std::string_view text) { return text.empty() ? "" : fmt::format(" {}", text); }

  static std::string shown(bool value) { return value ? "true" : "false"; }
  static std::string shown(double value) { return fmt::format("{}", value); }
  static std::string shown(std::int64_t value) { return fmt::format("{}", value); }
  static std::string shown(std::uint64_t value) { return fmt::format("{}", value); }
  static std::string shown(const std::string& value) { return value; }
  static std::string shown(const std::vector<std::string>& value) { return fmt::format("{}", fmt::join(value, ", ")); }
  static std::string shown(const SeedChoice&) { return "the suite's first"; }
  static std::string shown(Benefit value) { return to_string(value); }
  static std::string shown(GateKind value) { return to_string(value); }
  static std::string shown(Level value) { return to_string(value); }
  template <typename T>
  static std::string shown(const std::optional<T>& value) {
    return value ? shown(*value) : "";
  }

  static std::string accepted(const Field&, bool) { return "true, false"; }
  static std::string accepted(const Field& field, double) { return range(field); }
  static std::string accepted(const Field& field, std::int64_t) { return range(field); }
  static std::string accepted(const Field& field, std::uint64_t) { return range(field); }
  static std::string accepted(const Field& field, const std::string&) { return field.wanted.empty() ? "text" : std::string(field.wanted); }
  static std::string accepted(const Field&, const std::vector<std::string>&) { return "list of text"; }
  static std::string accepted(const Field&, const SeedChoice&) { return "list of integers from 0, or all"; }
  static std::string accepted(const Field&, Benefit) { return "none, speed, memory, throughput"; }
  static std::string accepted(const Field&, GateKind) { return "roadmap, calibrated"; }
  static std::string accepted(const Field&, Level) { return "off, warn, error"; }
  template <typename T>
  static std::string accepted(const Field& field, const std::optional<T>&) {
    return accepted(field, T{});
  }

  static std::string range(const Field& field) {
    std::string text;
    if (!std::isinf(field.minimum) && !std::isinf(field.maximum))
      text = fmt::format("{} to {}", field.minimum, field.maximum);
    else if (!std::isinf(field.minimum))
      text = fmt::format("from {}", field.minimum);
    else if (!std::isinf(field.maximum))
      text = fmt::format("to {}", field.maximum);
    if (!field.wanted.empty()) text += fmt::format("; {}", field.wanted);
    return text;
  }
};

// The section of the document under `## heading`.
std::string section(const std::string& document, const std::string& heading) {
  const std::size_t begin = document.find("## " + heading + "\n");
  if (begin == std::string::npos) return "";
  return document.substr(begin, document.find("\n## ", begin) - begin);
}

template <typename T>
void expect_documented(const std::string& heading, const T& defaults) {
  std::ifstream file(std::string(WAN_SOURCE_DIR) + "/suites/schema.md");
  const std::string document{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string text = section(document, heading);
  ExpectedRows expected;
  visit_fields(defaults, expected);
  for (const std::string& row : expected.rows) EXPECT_NE(text.find("\n" + row), std::string::npos) << heading << " lacks the row\n" << row;
}

TEST(SchemaDocument, ListsEveryFieldWithItsUnitDefaultAndRange) {
  expect_documented("[shape]", Shape{});
  expect_documented("[thresholds]", Thresholds{});
  expect_documented("[thresholds.levels]", Levels{});
  expect_documented("[[configuration]]", Configuration{});
  expect_documented("[[prompt]]", Prompt{});
  expect_documented("[[claim]]", Claim{});
  expect_documented("Settings of a run", Settings{});
  expect_documented("Settings of one generation", GenerateSettings{});
}

}  // namespace
}  // namespace wan::plan
