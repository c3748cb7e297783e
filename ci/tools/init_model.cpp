// wan-init-model CONFIG_DIR OUT_DIR: a checkpoint folder in the diffusers layout whose configs are CONFIG_DIR's and whose weights come
// from a fixed seed, stored in bfloat16. The embedded model is made so at build time until a trained one is committed.
#include <fmt/core.h>

#include <filesystem>

#include "engine/base/error.h"
#include "engine/random_checkpoint.h"

int main(int argc, char** argv) try {
  if (argc != 3) throw wan::UsageError("usage: wan-init-model CONFIG_DIR OUT_DIR");
  const std::filesystem::path source = argv[1], target = argv[2];
  std::filesystem::create_directories(target);
  std::filesystem::copy(source, target, std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  wan::write_random_weights(target, /*seed=*/2026);
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 2;
}
