#include "tests/support/harness/run_folders.h"

#include <fstream>
#include <stdexcept>

#include "harness/store/result_store.h"
#include "tests/support/harness/temporary_folder.h"

namespace wan::testing {

std::filesystem::path store_run(const std::filesystem::path& root, const std::string& name, store::RunRecord run) {
  std::filesystem::path made;
  {
    store::RunFolder folder = store::RunFolder::create(root, run, "made");
    folder.write_all(run);
    made = folder.path();
  }
  std::filesystem::rename(made, root / name);
  return root / name;
}

void edit_file(const std::filesystem::path& path, const std::string& from, const std::string& to) {
  std::string text = read_file(path);
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error(path.string() + " does not hold " + from);
  text.replace(at, from.size(), to);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

}  // namespace wan::testing
