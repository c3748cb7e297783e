#include "harness/cli/indexing_progress.h"

#include <fmt/format.h>

#include <cstdio>

namespace wan::cli {
namespace {

constexpr std::size_t kSlow = 20;  // runs; more than that takes seconds

}  // namespace

void show_indexing(const store::Index::Progress& progress) {
  if (progress.total < kSlow) return;
  fmt::print(stderr, "\rindexing {} of {} runs", progress.done, progress.total);
  if (progress.done == progress.total) fmt::print(stderr, "\n");
  std::fflush(stderr);
}

}  // namespace wan::cli
