// What a person sees on stderr while many stored runs are read.
#pragma once

#include "harness/store/index.h"

namespace wan::cli {

// A line that is written over; nothing where there are few runs, which takes no time.
void show_indexing(const store::Index::Progress& progress);

}  // namespace wan::cli
