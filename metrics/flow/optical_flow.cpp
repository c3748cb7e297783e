#include "metrics/flow/optical_flow.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "engine/base/build_info.h"
#include "engine/base/error.h"
#include "metrics/flow/flow_library.h"

namespace wan::metrics::flow {
namespace {

#ifdef WAN_HAVE_OPENCV
constexpr bool kHaveOpenCv = true;
#else
constexpr bool kHaveOpenCv = false;
#endif

const FlowLibrary* open_library() {
  if (!kHaveOpenCv)
    throw UsageError("this build has no OpenCV, so it computes no optical flow: install OpenCV's video module and build again");
  Dl_info info{};
  std::filesystem::path path = "libwan_flow.so";
  if (::dladdr(reinterpret_cast<const void*>(&build_id), &info) != 0 && info.dli_fname)
    path = std::filesystem::path(info.dli_fname).parent_path() / path;
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    throw UsageError(
        fmt::format("optical flow needs {}, which cannot be opened ({}); install it with what it names", path.string(), ::dlerror()));
  auto* entry = reinterpret_cast<FlowLibraryEntry*>(::dlsym(library, "wan_flow_library"));
  const FlowLibrary* table = entry ? entry() : nullptr;
  if (!table || std::string(table->build_id) != build_id())
    throw UsageError(fmt::format("{} is of another build than this program; build both together", path.string()));
  return table;
}

const FlowLibrary& library() {
  static const FlowLibrary* const kLibrary = open_library();  // an exception leaves it unset, so the next call tries again
  return *kLibrary;
}

}  // namespace

bool have_optical_flow() { return kHaveOpenCv; }

void check_optical_flow() { library(); }

Field optical_flow(Method method, std::span<const std::uint8_t> from, std::span<const std::uint8_t> to, std::int64_t height,
                   std::int64_t width) {
  WAN_CHECK(from.size() == static_cast<std::size_t>(height * width * 3) && to.size() == from.size(), "frames of {} and {} bytes",
            from.size(), to.size());
  Field field{.height = height, .width = width, .values = std::vector<float>(static_cast<std::size_t>(height * width * 2))};
  library().compute(method, from.data(), to.data(), static_cast<int>(height), static_cast<int>(width), field.values.data());
  return field;
}

}  // namespace wan::metrics::flow
