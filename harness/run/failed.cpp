#include "harness/run/failed.h"

#include <new>
#include <stdexcept>
#include <utility>

#include "engine/base/error.h"

namespace wan::run {
namespace {

// A std::bad_alloc with a text: LibTorch's and CUDA's tell how much was wanted.
class WorkersBadAlloc final : public std::bad_alloc {
 public:
  explicit WorkersBadAlloc(std::string text) : text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

}  // namespace

Failed to_failed(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Cancelled&) {
    return {.kind = FailedKind::cancelled};
  } catch (const UsageError& usage) {
    return {.kind = FailedKind::usage, .text = usage.what()};
  } catch (const CheckError& check) {
    return {.kind = FailedKind::check, .text = check.what()};
  } catch (const FatalCudaError& fatal) {
    return {.kind = FailedKind::fatal_cuda, .text = fatal.what(), .code = fatal.code()};
  } catch (const CudaError& cuda) {
    return {.kind = FailedKind::cuda, .text = cuda.what(), .code = cuda.code()};
  } catch (const std::bad_alloc& memory) {
    return {.kind = FailedKind::memory, .text = memory.what()};
  } catch (const std::exception& other) {
    return {.kind = FailedKind::other, .text = other.what()};
  } catch (...) {
    return {.kind = FailedKind::other, .text = "an exception of an unknown type"};
  }
}

void rethrow(const Failed& failed) {
  switch (failed.kind) {
    case FailedKind::cancelled:
      throw Cancelled{};
    case FailedKind::usage:
      throw UsageError(failed.text);
    case FailedKind::check:
      throw CheckError(failed.text);
    case FailedKind::fatal_cuda:
      throw FatalCudaError(static_cast<int>(failed.code), failed.text);
    case FailedKind::cuda:
      throw CudaError(static_cast<int>(failed.code), failed.text);
    case FailedKind::memory:
      throw WorkersBadAlloc(failed.text);
    case FailedKind::other:
      break;
  }
  throw std::runtime_error(failed.text);
}

}  // namespace wan::run
