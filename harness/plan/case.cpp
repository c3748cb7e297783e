#include "harness/plan/case.h"

#include <fmt/format.h>

#include <optional>

#include "engine/base/sha256.h"
#include "harness/plan/fields.h"

namespace wan::plan {
namespace {

// Bumped when the way keys are written changes, so that stored clips of the old way are not taken for new ones.
constexpr const char* kKeyFormat = "wan-case-1";

// Writes every field as name, type and length-prefixed value, so that no two different cases write the same text.
class KeyWriter {
 public:
  template <typename T>
  void operator()(const Field& field, const T& value) {
    text_ += fmt::format("{}{{", field.name);
    write(value);
    text_ += "}";
  }

  const std::string& text() const { return text_; }
  void write(const std::string& value) { text_ += fmt::format("s{}:{}", value.size(), value); }

 private:
  void write(std::int64_t value) { text_ += fmt::format("i{}", value); }
  void write(std::uint64_t value) { text_ += fmt::format("u{}", value); }
  void write(bool value) { text_ += value ? "b1" : "b0"; }
  void write(double value) { text_ += fmt::format("d{:a}", value); }  // exact
  void write(const std::optional<double>& value) { value ? write(*value) : void(text_ += "none"); }
  void write(const ParameterValue& value) {
    std::visit([&](const auto& v) { write(v); }, value);
  }
  void write(const std::vector<OptimizationChoice>& list) {
    text_ += fmt::format("n{}", list.size());
    for (const OptimizationChoice& choice : list) {
      write(choice.id);
      text_ += fmt::format("n{}", choice.parameters.size());
      for (const auto& [name, value] : choice.parameters) {
        write(name);
        write(value);
      }
    }
  }
  template <Fielded T>
  void write(const T& fields) {
    visit_fields(fields, *this);
  }

  std::string text_;
};

}  // namespace

std::string Case::key() const {
  KeyWriter writer;
  writer.write(std::string(kKeyFormat));
  visit_fields(*this, writer);
  return sha256_hex(writer.text());
}

}  // namespace wan::plan
