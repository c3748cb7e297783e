// Any bytes as a caption: nothing, or a scene that the world can say again and would read back the same.
#include <cstdint>
#include <string_view>

#include "engine/train/world/caption.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wan::world;
  const auto read = read_caption({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  const auto& scene = read->scene;
  if (scene.count < 1 || scene.count > 3) __builtin_trap();
  // A sentence may say more than a scene has (two motions, a count of a pair): only what the world itself can say comes back.
  const bool can_be = !(scene.count > 1 && (scene.second || scene.motion == Motion::orbit)) &&
                      (!scene.second || scene.motion == Motion::still || scene.motion == Motion::orbit) &&
                      (!scene.pan || *scene.pan == Direction::left || *scene.pan == Direction::right);
  if (!can_be) return 0;
  const auto again = read_caption(describe(scene, size));
  if (!again || !(again->scene == scene)) __builtin_trap();
  return 0;
}
