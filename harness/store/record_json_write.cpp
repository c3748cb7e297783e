#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "engine/io/json_writer.h"
#include "harness/store/record_fields.h"
#include "harness/store/record_json.h"
#include "metrics/score_json.h"

namespace wan::store {
namespace {

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

enum class Cells { whole, brief };

class Writer {
 public:
  struct Style {
    Cells cells = Cells::whole;
    bool unsealed = false;  // leaves out what no seal is taken over
  };
  explicit Writer(Style style) : style_(style) {}

  void write(const Cell& cell) {
    write_line([&](auto&& visit) { visit_fields(cell, visit); },
               [&](const std::string_view key) { return !style_.unsealed || (key != "seal" && key != "clip_file"); });
  }
  void write(const Visit& visit) {
    write_line([&](auto&& visit_members) { visit_fields(visit, visit_members); },
               [&](const std::string_view key) { return !style_.unsealed || key != "seal"; });
  }
  // One member a line, down to the cells and visits, which are one line each.
  void write(const RunRecord& record) {
    write_lines(record, [&](const std::string_view key) { return !style_.unsealed || key != "seal"; });
    text_ += "\n";
  }
  // Everything else is one line.
  template <Fields T>
  void write(const T& value) {
    write_line([&](auto&& visit) { visit_fields(value, visit); }, kEvery);
  }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  std::string take() { return std::move(text_); }

 private:
  static constexpr auto kEvery = [](std::string_view) { return true; };

  void write(bool value) { text_ += value ? "true" : "false"; }
  template <std::integral T>
  void write(T value) {
    fmt::format_to(std::back_inserter(text_), "{}", value);
  }
  void write(double value) { io::append_json(text_, value); }
  void write(const std::string& value) { io::append_json(text_, value); }
  template <typename T>
  requires std::is_enum_v<T>
  void write(const T& value) { io::append_json(text_, std::string_view(to_string(value))); }
  void write(const metrics::QualityScores& scores) { metrics::append_scores(text_, scores); }
  void write(const Parameters& parameters) {
    const char* separator = "{";
    for (const auto& [name, value] : parameters) {
      text_ += separator;
      write(name);
      text_ += ':';
      std::visit([&](const auto& one) { write(one); }, value);
      separator = ",";
    }
    text_ += parameters.empty() ? "{}" : "}";
  }
  template <typename T>
  void write(const std::optional<T>& value) {
    value ? write(*value) : void(text_ += "null");
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    text_ += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text_ += ',';
      write(static_cast<const T&>(values[i]));
    }
    text_ += ']';
  }
  void write(const std::vector<Cell>& cells) {
    write_list(cells, [&](const Cell& cell) {
      if (style_.cells == Cells::whole) return write(cell);
      write_line([&](auto&& visit) { visit_brief(cell, visit); }, kEvery);
    });
  }
  void write(const std::vector<Visit>& visits) {
    const bool unsealed = std::exchange(style_.unsealed, false);  // a run's seal covers those of its visits
    write_list(visits, [&](const Visit& visit) { write(visit); });
    style_.unsealed = unsealed;
  }
  void write(const std::vector<ConfigurationRecord>& records) {
    write_list(records, [&](const ConfigurationRecord& record) { write_lines(record, kEvery); });
  }
  void write(const Environment& environment) { write_lines(environment, kEvery); }
  void write_line(auto&& visit_members, auto&& is_wanted) {
    char separator = '{';
    visit_members([&](const char* key, const auto& field) {
      if (!is_wanted(key)) return;
      text_ += separator;
      text_ += '"';
      text_ += key;
      text_ += "\":";
      write(field);
      separator = ',';
    });
    text_ += '}';
  }
  void write_lines(const auto& value, auto&& is_wanted) {
    char separator = '{';
    ++depth_;
    visit_fields(value, [&](const char* key, const auto& field) {
      if (!is_wanted(key)) return;
      text_ += separator;
      new_line();
      text_ += '"';
      text_ += key;
      text_ += "\": ";
      write(field);
      separator = ',';
    });
    --depth_;
    new_line();
    text_ += '}';
  }
  template <typename T>
  void write_list(const std::vector<T>& values, auto&& write_one) {
    text_ += '[';
    ++depth_;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) text_ += ',';
      new_line();
      write_one(values[i]);
    }
    --depth_;
    if (!values.empty()) new_line();
    text_ += ']';
  }
  void new_line() {
    text_ += '\n';
    text_.append(depth_, ' ');
  }

  Style style_;
  std::string text_;
  std::size_t depth_ = 0;
};

template <typename T>
std::string write_whole(const T& value, Writer::Style style) {
  Writer writer(style);
  writer.write(value);
  return writer.take();
}

}  // namespace

std::string to_json(const RunRecord& record) {
  // Room for everything at once: a text that doubles as it grows would hold three times what it needs.
  std::size_t bytes = to_header_json(record).size();
  for (const auto& configuration : record.configurations)
    if (!configuration.cells.empty())
      bytes += configuration.cells.size() * (to_json_line(configuration.cells.front()).size() * 21 / 20 + 64);
  Writer writer({});
  writer.reserve(bytes);
  writer.write(record);
  return writer.take();
}

std::string to_header_json(const RunRecord& record) { return write_whole(record, {.cells = Cells::brief}); }

std::string sealed_text(const RunRecord& record) { return write_whole(record, {.cells = Cells::brief, .unsealed = true}); }

std::string to_json_line(const Cell& cell) { return write_whole(cell, {}); }

std::string sealed_text(const Cell& cell) { return write_whole(cell, {.unsealed = true}); }

std::string to_json_line(const Visit& visit) { return write_whole(visit, {}); }

std::string sealed_text(const Visit& visit) { return write_whole(visit, {.unsealed = true}); }

std::string to_json_line(const machine::Covariates& covariates) { return write_whole(covariates, {}); }

void append_configuration(std::string& out, const plan::Configuration& configuration) { out += write_whole(configuration, {}); }

}  // namespace wan::store
