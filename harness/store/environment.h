// The machine and the build, for the record: read from the system's own files below `root`, which a test replaces by a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/store/record.h"

namespace wan::store {

// Host and build; what only the engine knows (device_name of a GPU, driver, CUDA) stays for the caller to fill in, and so does `libtorch`.
// On device "cpu" the device is the CPU's model. A file that is not there leaves its field empty.
Environment describe_environment(const std::string& device, const std::filesystem::path& root = "/");

// What may disturb a measurement now, one sentence each with what to do about it.
std::vector<std::string> measurement_warnings(const std::filesystem::path& root = "/");

}  // namespace wan::store
