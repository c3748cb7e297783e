#include "harness/run/failure.h"

#include <fmt/format.h>

#include <new>

#include "engine/base/error.h"
#include "harness/run/worker_lost.h"

namespace wan::run {
namespace {

// One line: a record's reason stands in tables, and LibTorch appends a stack.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool tells_of_memory(const std::string& text) {
  for (const char* words : {"out of memory", "can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED"})
    if (text.find(words) != std::string::npos) return true;
  return false;
}

std::string describe_failure(const std::exception& error) {
  const std::string text = error.what();
  // By its cause: its log may speak of anything.
  if (const auto* lost = dynamic_cast<const WorkerLost*>(&error))
    return (lost->cause() == WorkerLost::Cause::out_of_memory ? "oom: " : "crash: ") + first_line(text);
  if (dynamic_cast<const std::bad_alloc*>(&error) || tells_of_memory(text)) return "oom: " + first_line(text);
  if (dynamic_cast<const UsageError*>(&error)) return "usage: " + text;
  return "crash: " + first_line(text);
}

bool is_infrastructure_fault(const std::exception& error) {
  return dynamic_cast<const WorkerLost*>(&error) || dynamic_cast<const FatalCudaError*>(&error);
}

std::string describe_nonfinite(std::int64_t in_latents, std::int64_t in_clip) {
  return fmt::format("nan: {} values in the latents and {} in the clip are NaN or infinite", in_latents, in_clip);
}

}  // namespace wan::run
