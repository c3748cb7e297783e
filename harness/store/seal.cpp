#include "harness/store/seal.h"

#include <fmt/format.h>

#include <utility>

#include "engine/base/sha256.h"
#include "harness/store/record_json.h"

namespace wan::store {
namespace {

// Bumped when the way seals are taken changes.
constexpr const char* kCellSeal = "wan-cell-seal-1";
constexpr const char* kVisitSeal = "wan-visit-seal-1";
constexpr const char* kRunSeal = "wan-run-seal-1";

// Each part with its length, so that no two lists of parts are the same bytes.
void update(Sha256& hash, const std::string& part) {
  hash.update(fmt::format("{}:", part.size()));
  hash.update(part);
}

std::string sealed(const char* kind, const std::string& text, const Identity& identity) {
  Sha256 hash;
  for (const std::string& part : {std::string(kind), identity.build_id, identity.plan_hash, identity.weights_hash}) update(hash, part);
  update(hash, text);
  return hash.hex_digest();
}

}  // namespace

Identity identity_of(const RunRecord& run) {
  return {.build_id = run.environment.build_id, .plan_hash = run.plan_hash, .weights_hash = run.weights_hash};
}

std::string seal_of(const Cell& cell, const Identity& identity) { return sealed(kCellSeal, sealed_text(cell), identity); }

std::string seal_of(const Visit& visit, const Identity& identity) { return sealed(kVisitSeal, sealed_text(visit), identity); }

std::string seal_of(const RunRecord& run) {
  Sha256 hash;
  update(hash, kRunSeal);
  update(hash, sealed_text(run));
  return hash.hex_digest();
}

SealCheck::SealCheck(const RunRecord& run, std::string name)
    : identity_(identity_of(run)), without_weights_(identity_), name_(std::move(name)) {
  without_weights_.weights_hash.clear();
}

void SealCheck::add_one(const auto& entry, bool may_lack_weights, const std::string& place) {
  ++entries_;
  if (entry.seal == seal_of(entry, identity_)) return;
  if (may_lack_weights && entry.seal == seal_of(entry, without_weights_)) return;
  if (faults_++ == 0) first_fault_ = fmt::format("{}: {}", place, describe(entry));
}

// What became of a load that failed may have been stored before any weights were known.
void SealCheck::add(const Cell& cell, const std::string& place) { add_one(cell, cell.status != CellStatus::done, place); }
void SealCheck::add(const Visit& visit, const std::string& place) { add_one(visit, !visit.void_reason.empty(), place); }

void SealCheck::finish() const {
  if (faults_ == 0) return;
  if (faults_ == entries_ && entries_ > 1)
    throw TamperError(
        fmt::format("{}: none of the {} stored results was sealed by build {}, plan {} and weights {}, which the record names: another "
                    "binary or another run wrote them, or the record was edited (first: {})",
                    name_, entries_, identity_.build_id, identity_.plan_hash, identity_.weights_hash, first_fault_));
  throw TamperError(fmt::format("{} was changed after it was stored: it does not fit its seal{}", first_fault_,
                                faults_ == 1 ? "" : fmt::format(" (and {} more)", faults_ - 1)));
}

void check_seal(const RunRecord& run, const std::string& name) {
  if (run.seal != seal_of(run))
    throw TamperError(fmt::format("{}: was changed after it was written: the record does not fit its seal", name));
}

std::string describe(const Visit& visit) { return fmt::format("{}, visit of block {}", visit.configuration, visit.block); }

std::string describe(const Cell& cell) { return fmt::format("{}, prompt {}, seed {}", cell.configuration, cell.prompt, cell.seed); }

}  // namespace wan::store
