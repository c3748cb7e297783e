// The world's language: a scene to a sentence in one of many wordings, and any such sentence back to what it claims. One lexicon serves
// both ways. Knows no tensors, so metrics may read prompts with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/train/world/scene.h"

namespace wan::world {

// English, lower case but for the first letter, with a full stop. `seed` chooses words and order.
std::string describe(const Scene& scene, std::uint64_t seed);

struct Caption {
  Scene scene;                    // what is not said has the values of a Scene that says nothing: medium, plain, still, normal
  bool names_background = false;  // else `scene.background` means nothing
};

// What a sentence of the lexicon's words claims, in any order of its parts. Nothing if it holds a word that the world does not know, names
// no thing, more than two, or two that stand in no relation.
std::optional<Caption> read_caption(std::string_view text);

}  // namespace wan::world
