#include "harness/baseline/baseline_json.h"

#include "engine/io/json_codec.h"
#include "harness/baseline/baseline_fields.h"
#include "harness/store/record_fields.h"

namespace wan::baseline {
namespace {

constexpr io::JsonSchema kFileSchema{.number = kSchema, .what = "baseline"};
constexpr const char* kRemedy = "a promoted file is best taken from version control again, a proposed one proposed anew";
constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // a class with a hundred configurations has under one MiB

struct BaselineFormat : io::JsonFormat {
  static constexpr bool kFiniteOnly = true;
  template <typename T>
  static constexpr bool kSpread = true;  // for whoever reviews a promotion as a difference of lines
  void visit(auto& value, auto&& field) const { visit_fields(value, field); }
};

}  // namespace

std::string to_json(const Baseline& baseline) { return io::encode_json(baseline, BaselineFormat{}) + "\n"; }

Baseline baseline_from_json(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes)
    throw UsageError(fmt::format("{}: {} bytes are no baseline, {} are the most; {}", name, text.size(), kMostBytes, kRemedy));
  io::check_schema(text, name, kFileSchema);
  return io::decode_json<Baseline>(text, name, BaselineFormat{}, kRemedy);
}

}  // namespace wan::baseline
