// A library in the driver's place: it exports the functions that harness/machine/nvml_api.h names and answers from this state, which a test
// gets by dlopen of the same file and `fake_nvml_state`. A second build of it, with FAKE_NVML_OLD, lacks the newer functions.
#pragma once

#include <atomic>

namespace wan::testing {

struct FakeNvml {
  std::atomic<int> init_status{0}, status{0};  // of nvmlInit_v2, and of every call on a device
  std::atomic<unsigned> devices{1}, processes{0};
  std::atomic<int> initialized{0}, event_sets{0}, clock_calls{0};
  unsigned first_pid = 4242;           // the processes' ids count up from here,
  std::atomic<unsigned> own_pid{0};    // the first of them is this one if it is not 0
  std::atomic<unsigned> sm_mhz{1600};  // of three looks one is 100 lower and one 100 higher
  unsigned milliwatt = 688000, celsius = 60, mig = 0;
  int ecc_mode = 1, persistence = 1;
  std::atomic<unsigned long long> reasons{4}, corrected{7}, uncorrected{0};
  std::atomic<int> xids_waiting{0};
};

using FakeNvmlState = FakeNvml*();  // of the symbol fake_nvml_state

}  // namespace wan::testing
