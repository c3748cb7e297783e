// Where the programs find what is no code: <folder of the program>/../share/wan-eval/{suites,models,data}, in the build tree and when
// installed. The environment variable WAN_EVAL_SHARE names another folder.
#pragma once

#include <filesystem>
#include <string>

namespace wan::cli {

std::filesystem::path share_dir();
std::filesystem::path suites_dir();
std::filesystem::path data_dir();

// What may be removed at any time: WAN_CACHE, else XDG_CACHE_HOME/wan-eval, else ~/.cache/wan-eval. Empty if there is no home.
std::filesystem::path cache_dir();

// The folder that --model or --ckpt_dir names: an embedded model (wan-tiny) or a path. Throws UsageError if there is neither.
std::filesystem::path model_dir(const std::string& name);

}  // namespace wan::cli
