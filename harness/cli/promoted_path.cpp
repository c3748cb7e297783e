#include "harness/cli/promoted_path.h"

#include "harness/cli/resources.h"

namespace wan::cli {

std::filesystem::path baselines_dir(const std::string& dir) {
  return dir.empty() ? suites_dir() / "baselines" : std::filesystem::path(dir);
}

std::filesystem::path promoted_path(const std::filesystem::path& dir, const std::string& stem) { return dir / (stem + ".json"); }

}  // namespace wan::cli
