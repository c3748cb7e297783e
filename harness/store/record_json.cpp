#include "harness/store/record_json.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <map>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_reader.h"
#include "harness/store/record_fields.h"
#include "metrics/score_json.h"

namespace wan::store {
namespace {

template <typename T>
concept Fields = requires(T& value) {
  visit_fields(value, [](const char*, auto&) {});
};

template <typename Enum>
struct Words;
template <>
struct Words<CellStatus> {
  static constexpr std::array kAll{CellStatus::done, CellStatus::failed, CellStatus::skipped, CellStatus::interrupted};
};
template <>
struct Words<plan::Benefit> {
  static constexpr std::array kAll{plan::Benefit::none, plan::Benefit::speed, plan::Benefit::memory, plan::Benefit::throughput};
};
template <>
struct Words<plan::GateKind> {
  static constexpr std::array kAll{plan::GateKind::roadmap, plan::GateKind::calibrated};
};
template <>
struct Words<plan::Level> {
  static constexpr std::array kAll{plan::Level::off, plan::Level::warn, plan::Level::error};
};
template <>
struct Words<OptimizationClass> {
  static constexpr std::array kAll{OptimizationClass::exact, OptimizationClass::equivalent, OptimizationClass::lossy};
};

enum class Cells { whole, brief };

class Reader {
 public:
  Reader(io::JsonReader& in, Cells cells) : in_(in), cells_(cells) {}

  template <typename T>
  T one() {
    T value;
    read(value);
    return value;
  }

 private:
  void read(bool& value) { value = in_.read_bool(); }
  template <std::integral T>
  void read(T& value) {
    if constexpr (std::is_unsigned_v<T>) {
      value = in_.read_unsigned();
    } else {
      const std::int64_t found = in_.read_int();
      if (!std::in_range<T>(found)) in_.refuse(fmt::format("{} is out of range", found));
      value = static_cast<T>(found);
    }
  }
  void read(std::string& value) { value = in_.read_string(); }
  void read(double& value) {
    if (in_.peek() != io::JsonReader::Kind::string) {
      value = in_.read_double();
      return;
    }
    const std::string word = in_.read_string();
    if (word != "inf" && word != "-inf" && word != "nan") in_.refuse("expected a number, \"inf\", \"-inf\" or \"nan\"");
    value = word == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    if (word == "-inf") value = -value;
  }
  template <typename T>
  requires std::is_enum_v<T>
  void read(T& value) {
    const std::string word = in_.read_string();
    std::string accepted;
    for (const T candidate : Words<T>::kAll) {
      if (word == to_string(candidate)) {
        value = candidate;
        return;
      }
      accepted += (accepted.empty() ? "" : ", ") + std::string(to_string(candidate));
    }
    in_.refuse(fmt::format("\"{}\" is none of {}", word, accepted));
  }
  void read(Parameters& parameters) {
    std::string_view key;
    in_.begin_object();
    while (in_.next_key(key)) {
      const std::string name(key);
      switch (in_.peek()) {
        case io::JsonReader::Kind::boolean:
          parameters[name] = in_.read_bool();
          break;
        case io::JsonReader::Kind::number:
          if (in_.at_whole_number()) {
            parameters[name] = in_.read_int();
          } else {
            parameters[name] = in_.read_double();
          }
          break;
        default:
          parameters[name] = in_.read_string();
      }
    }
  }
  void read(metrics::QualityScores& scores) { scores = metrics::read_scores(in_); }
  template <typename T>
  void read(std::optional<T>& value) {
    if (in_.peek() == io::JsonReader::Kind::null) return in_.read_null();
    read(value.emplace());
  }
  template <typename T>
  void read(std::vector<T>& values) {
    in_.begin_array();
    while (in_.next_element()) read(values.emplace_back());
    values.shrink_to_fit();
  }
  void read(Cell& cell) {
    if (cells_ == Cells::whole) return read_fields([&](auto&& visit) { visit_fields(cell, visit); });
    read_fields([&](auto&& visit) { visit_brief(cell, visit); });
  }
  template <Fields T>
  void read(T& value) {
    read_fields([&](auto&& visit) { visit_fields(value, visit); });
  }

  // Every field once, in any order.
  void read_fields(auto&& visit_members) {
    std::uint64_t seen = 0;
    std::string_view key;
    in_.begin_object();
    while (in_.next_key(key)) {
      if ((key == "verdicts" || key == "claims" || key == "costs") && in_.depth() == 1) {
        in_.skip();
        continue;
      }
      std::uint64_t bit = 1, found = 0;
      visit_members([&](const char* name, auto& field) {
        if (!found && key == name) {
          found = bit;
          if (seen & found) in_.refuse(fmt::format("the key \"{}\" stands twice", name));
          read(field);
        }
        bit <<= 1;
      });
      if (!found) in_.refuse(fmt::format("unknown key \"{}\"", key));
      seen |= found;
    }
    std::uint64_t bit = 1;
    visit_members([&](const char* name, auto&) {
      if (!(seen & bit)) in_.refuse(fmt::format("the key \"{}\" is absent", name));
      bit <<= 1;
    });
  }

  io::JsonReader& in_;
  Cells cells_;
};

template <typename T>
T read_whole(std::string_view text, const std::string& name, Cells cells = Cells::whole) {
  io::JsonReader in(text, name);
  T value = Reader(in, cells).one<T>();
  in.finish();
  return value;
}

// Before anything else: of another schema not even the keys are known.
void check_schema(std::string_view text, const std::string& name) {
  io::JsonReader in(text, name);
  std::string_view key;
  const bool is_object = in.peek() == io::JsonReader::Kind::object;
  if (is_object) in.begin_object();
  while (is_object && in.next_key(key)) {
    if (key != "schema" || !in.at_whole_number()) {
      in.skip();
      continue;
    }
    const std::int64_t schema = in.read_int();
    if (schema == kSchema) return;
    throw UsageError(fmt::format("{}: written with record schema {}, this program reads schema {}: {}use the wan-eval that wrote it", name,
                                 schema, kSchema,
                                 schema < 2         ? "its results carry no seals to check; run anew, or "
                                 : schema < kSchema ? "run anew, or "
                                                    : ""));
  }
  throw UsageError(name + ": no run record: it has no \"schema\"");
}

RunRecord read_record(std::string_view text, const std::string& name, Cells cells) {
  check_schema(text, name);
  return read_whole<RunRecord>(text, name, cells);
}

}  // namespace

RunRecord record_from_json(std::string_view text, const std::string& name) { return read_record(text, name, Cells::whole); }

RunRecord header_from_json(std::string_view text, const std::string& name) {
  RunRecord record = read_record(text, name, Cells::brief);
  std::map<std::string, std::string> categories;
  for (const auto& prompt : record.prompts) categories[prompt.id] = prompt.category;
  for (auto& configuration : record.configurations) {
    for (auto& cell : configuration.cells) {
      cell.configuration = configuration.configuration.id;
      cell.category = categories[cell.prompt];
    }
  }
  return record;
}

Cell cell_from_json_line(std::string_view line, const std::string& name) { return read_whole<Cell>(line, name); }

Visit visit_from_json_line(std::string_view line, const std::string& name) { return read_whole<Visit>(line, name); }

machine::Covariates covariates_from_json_line(std::string_view line, const std::string& name) {
  return read_whole<machine::Covariates>(line, name);
}

plan::Configuration read_configuration(io::JsonReader& in) { return Reader(in, Cells::whole).one<plan::Configuration>(); }

}  // namespace wan::store
