#include "engine/base/error.h"

#include <string_view>

namespace wan {

void fail_check(const char* condition, const std::string& message, const char* path, int line) {
  std::string_view file = path;
  for (std::string_view room : {"/engine/", "/metrics/", "/harness/", "/reports/", "/tests/"})
    if (auto at = file.rfind(room); at != std::string_view::npos) {
      file.remove_prefix(at + 1);
      break;
    }
  throw CheckError(fmt::format("{} (check failed: {} at {}:{})", message, condition, file, line));
}

}  // namespace wan
