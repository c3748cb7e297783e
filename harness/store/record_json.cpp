#include "harness/store/record_json.h"

#include <map>

#include "engine/io/json_codec.h"
#include "harness/store/record_fields.h"
#include "metrics/score_json.h"

namespace wan::store {
namespace {

constexpr io::JsonSchema kRecordSchema{.number = kSchema, .what = "run record", .instead_of_an_older = "run anew, or "};
constexpr const char* kRemedy = "it is not as wan-eval wrote it: put a sound copy in its place, or run anew";

template <typename T, typename... Others>
concept OneOf = (std::same_as<T, Others> || ...);

struct RecordFormat : io::JsonFormat {
  enum class Cells { whole, brief };
  enum class Seals { in, out };  // out: without what no seal is taken over
  RecordFormat(Cells which_cells, Seals which_seals) : cells(which_cells), seals(which_seals) {}

  // Down to the cells and visits, which are one line each.
  template <typename T>
  static constexpr bool kSpread =
      OneOf<T, RunRecord, Environment, ConfigurationRecord, std::vector<ConfigurationRecord>, std::vector<Cell>, std::vector<Visit>>;

  void visit(auto& value, auto&& field) const { visit_fields(value, field); }
  void visit(Either<Cell> auto& cell, auto&& field) const {
    if (cells == Cells::brief) return visit_brief(cell, field);
    visit_fields(cell, [&](const char* key, auto& member) {
      if (seals == Seals::in || (key != std::string_view("seal") && key != std::string_view("clip_file"))) field(key, member);
    });
  }
  void visit(Either<Visit> auto& value, auto&& field) const {
    const bool of_a_run = cells == Cells::brief;  // whose seal covers those of its visits
    visit_fields(value, [&](const char* key, auto& member) {
      if (seals == Seals::in || of_a_run || key != std::string_view("seal")) field(key, member);
    });
  }
  void visit(Either<RunRecord> auto& record, auto&& field) const {
    visit_fields(record, [&](const char* key, auto& member) {
      if (seals == Seals::in || key != std::string_view("seal")) field(key, member);
    });
  }
  void read(io::JsonReader& in, metrics::QualityScores& scores) const { scores = metrics::read_scores(in); }
  void write(std::string& text, const metrics::QualityScores& scores) const { metrics::append_scores(text, scores); }
  static bool ignores(const auto&, std::string_view) { return false; }
  static bool ignores(const RunRecord&, std::string_view key) { return key == "verdicts" || key == "claims" || key == "costs"; }

  Cells cells;
  Seals seals;
};

const RecordFormat kWhole{RecordFormat::Cells::whole, RecordFormat::Seals::in};
const RecordFormat kHeader{RecordFormat::Cells::brief, RecordFormat::Seals::in};
const RecordFormat kUnsealed{RecordFormat::Cells::whole, RecordFormat::Seals::out};
const RecordFormat kUnsealedHeader{RecordFormat::Cells::brief, RecordFormat::Seals::out};

RunRecord read_record(std::string_view text, const std::string& name, const RecordFormat& format) {
  io::check_schema(text, name, kRecordSchema);
  return io::decode_json<RunRecord>(text, name, format, kRemedy);
}

}  // namespace

std::string to_json(const RunRecord& record) {
  // Room for everything at once: a text that doubles as it grows would hold three times what it needs.
  std::size_t bytes = to_header_json(record).size();
  for (const auto& configuration : record.configurations)
    if (!configuration.cells.empty())
      bytes += configuration.cells.size() * (to_json_line(configuration.cells.front()).size() * 21 / 20 + 64);
  io::JsonEncoder encoder(kWhole);
  encoder.reserve(bytes);
  encoder.write(record);
  return encoder.take() + "\n";
}

std::string to_header_json(const RunRecord& record) { return io::encode_json(record, kHeader) + "\n"; }

std::string sealed_text(const RunRecord& record) { return io::encode_json(record, kUnsealedHeader) + "\n"; }

std::string to_json_line(const Cell& cell) { return io::encode_json(cell, kWhole); }

std::string sealed_text(const Cell& cell) { return io::encode_json(cell, kUnsealed); }

std::string to_json_line(const Visit& visit) { return io::encode_json(visit, kWhole); }

std::string sealed_text(const Visit& visit) { return io::encode_json(visit, kUnsealed); }

std::string to_json_line(const machine::Covariates& covariates) { return io::encode_json(covariates, kWhole); }

RunRecord record_from_json(std::string_view text, const std::string& name) { return read_record(text, name, kWhole); }

RunRecord header_from_json(std::string_view text, const std::string& name) {
  RunRecord record = read_record(text, name, kHeader);
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

Cell cell_from_json_line(std::string_view line, const std::string& name) { return io::decode_json<Cell>(line, name, kWhole); }

Visit visit_from_json_line(std::string_view line, const std::string& name) { return io::decode_json<Visit>(line, name, kWhole); }

machine::Covariates covariates_from_json_line(std::string_view line, const std::string& name) {
  return io::decode_json<machine::Covariates>(line, name, kWhole);
}

}  // namespace wan::store
