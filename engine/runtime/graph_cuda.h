// CUDA graphs for repeated.h, through the plug-in's table.
#pragma once

#include <functional>

namespace wan::runtime {

void leave_default_stream_cuda(int index);

// Records what `body` asks of the current stream, which is no default one, and gives what replays it there. Throws what `body` throws, or
// c10::Error if something cannot be recorded.
std::function<void()> record_cuda(const std::function<void()>& body);

}  // namespace wan::runtime
