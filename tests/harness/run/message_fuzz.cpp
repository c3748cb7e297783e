// Any bytes from the other end of a worker's channel: the reader must give messages or refuse, and what it gives must survive the way back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "harness/run/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::run;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  FrameReader reader;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += 7) {  // as a socket may cut it
      reader.feed(bytes.substr(at, 7));
      while (const auto message = reader.next()) {
        const std::string once = to_json(*message);
        if (to_json(message_from_json(once)) != once) std::abort();
      }
    }
  } catch (const ProtocolError&) {
  }
  return 0;
}
