// OpenCV's video module lives in libwan_flow.so, which is opened when a metric first needs it: the module brings those of camera geometry
// and networks with it. It exports `wan_flow_library`, which returns this table; a table of another build is refused.
#pragma once

#include <cstdint>

#include "metrics/flow/optical_flow.h"

namespace wan::metrics::flow {

struct FlowLibrary {
  const char* build_id;
  // from, to [height, width, 3] RGB; out [height, width, 2].
  void (*compute)(Method method, const std::uint8_t* from, const std::uint8_t* to, int height, int width, float* out);
};

extern "C" using FlowLibraryEntry = const FlowLibrary * ();

}  // namespace wan::metrics::flow
