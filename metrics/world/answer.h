// What a caption claims, held against what a clip shows.
#pragma once

#include <map>
#include <string_view>

#include "engine/train/world/caption.h"
#include "metrics/world/observe.h"

namespace wan::metrics::world {

enum class Claim { colour, shape, count, motion, direction, relation, background, pattern, size, texture, speed, pan };
inline constexpr Claim kClaims[] = {Claim::colour,     Claim::shape,   Claim::count, Claim::motion,  Claim::direction, Claim::relation,
                                    Claim::background, Claim::pattern, Claim::size,  Claim::texture, Claim::speed,     Claim::pan};
std::string_view to_string(Claim claim);
// Those without which a clip does not show its caption: what is there, how many, what it does and where.
bool is_core(Claim claim);

struct Answers {
  std::map<Claim, bool> right = {};  // only what the caption claims and these frames can tell
  bool adheres = false;              // every core claim is right
  bool shows_things = false;
  bool moves = false;  // false: a motion is claimed, things are seen, and nothing happens to them
};

Answers answer(const wan::world::Caption& caption, const Observation& seen);

}  // namespace wan::metrics::world
