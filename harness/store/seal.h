// Seals: SHA-256 digests that tell whether a stored result is still what the run wrote. A cell's or visit's is taken over its text and the
// run's identity (build, plan, weights), so a line cannot be edited, nor come from another run or binary, unnoticed. A run's is taken over
// run.json, which holds the seals of its cells. Evidence against accidents and edits, no signature: who has this source can seal anything
// anew.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

#include "harness/store/record.h"

namespace wan::store {

// What is stored is not what was written: exit status 3. The message names the cell.
class TamperError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Which run a cell belongs to. Shards of one plan share it.
struct Identity {
  std::string build_id, plan_hash, weights_hash;
};
Identity identity_of(const RunRecord& run);

std::string seal_of(const Cell& cell, const Identity& identity);
std::string seal_of(const Visit& visit, const Identity& identity);
std::string seal_of(const RunRecord& run);

// Collects what does not fit while the cells and visits of a run are read, so that the message can tell one edited cell from another
// binary's run.
class SealCheck {
 public:
  // `name` stands for the run in messages.
  SealCheck(const RunRecord& run, std::string name);
  // `place` stands for the file and line.
  void add(const Cell& cell, const std::string& place);
  void add(const Visit& visit, const std::string& place);
  void finish() const;  // TamperError

 private:
  void add_one(const auto& entry, bool may_lack_weights, const std::string& place);
  Identity identity_, without_weights_;
  std::string name_, first_fault_;
  std::size_t entries_ = 0, faults_ = 0;
};

// The run's own seal, which must fit what was read of run.json or of an export. TamperError.
void check_seal(const RunRecord& run, const std::string& name);

// "fp8_ffn, prompt p3, seed 42"
std::string describe(const Cell& cell);
// "fp8_ffn, visit of block 3"
std::string describe(const Visit& visit);

}  // namespace wan::store
