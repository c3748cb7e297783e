// Shards of one plan joined into one record. Pure: the files of clips are the caller's.
#pragma once

#include <span>
#include <string>

#include "harness/store/record.h"

namespace wan::store {

struct MergePart {
  std::string name;  // for messages
  RunRecord record;
};

enum class Missing { refused, interrupted };  // what becomes of a cell that no part has

// The parts must be shards of one request, made by one binary on one class of machine with the same weights; every planned cell must be in
// exactly one of them. UsageError says what does not fit, the first fault alone. With Missing::interrupted a cell that no part has, or has
// not reached, is left for `--resume` of the whole request, which then times everything anew. Blocks are numbered on from part to part.
RunRecord merge_runs(std::span<const MergePart> parts, Missing missing);

}  // namespace wan::store
