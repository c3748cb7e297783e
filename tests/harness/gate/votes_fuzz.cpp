// Any bytes as a file of votes: refused with UsageError, or read, written back as the same votes and held against a run.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "harness/gate/human_ab.h"

namespace {

// One pair of clips: enough for votes to meet a run.
wan::store::RunRecord small_run() {
  wan::store::RunRecord run;
  run.run_id = "fuzz";
  for (const char* id : {"bf16", "fast"}) {
    wan::store::ConfigurationRecord record;
    record.configuration.id = id;
    record.cells.push_back({.configuration = id, .prompt = "p", .category = {}, .key = id, .clip_hash = id});
    run.configurations.push_back(record);
  }
  return run;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::gate;
  static const wan::store::RunRecord run = small_run();
  try {
    const VoteSheet sheet = votes_from_json({reinterpret_cast<const char*>(data), size}, "fuzz");
    if (votes_from_json(to_json(sheet), "again") != sheet) std::abort();
    judge_votes(run, std::vector<NamedSheet>{{"fuzz", sheet}});
  } catch (const wan::UsageError&) {
  }
  return 0;
}
