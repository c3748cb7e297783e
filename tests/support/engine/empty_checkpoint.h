// Folders as the released models have them, in both layouts: the config files' own content, and weights of the true sizes that are holes,
// so that they cost neither disk nor time.
#pragma once

#include <filesystem>

#include "engine/checkpoint/layout.h"
#include "engine/model/config.h"
#include "engine/vae/config.h"

namespace wan::test {

struct ReleasedModel {
  const char* task;
  model::TransformerConfig transformer;
  vae::VaeConfig vae;
  const char* vae_file;
  bool two_experts = false;
  int shards = 1;
};

const ReleasedModel& released_model(const std::string& task);

void write_empty_checkpoint(const std::filesystem::path& root, const ReleasedModel& model, checkpoint::Layout layout);

}  // namespace wan::test
