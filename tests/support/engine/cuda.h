// Tests that want a CUDA device begin with WAN_SKIP_WITHOUT_CUDA(); their names end in Gpu.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "engine/runtime/plugin.h"

namespace wan::test {

// Empty where there is a device.
inline std::string cuda_problem() {
  if (auto problem = runtime::cuda_plugin_problem(); !problem.empty()) return problem;
  return runtime::load_cuda_plugin().device_count() == 0 ? "no CUDA device" : "";
}

}  // namespace wan::test

#define WAN_SKIP_WITHOUT_CUDA() \
  if (const std::string problem = ::wan::test::cuda_problem(); !problem.empty()) GTEST_SKIP() << problem
