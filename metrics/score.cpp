#include "metrics/score.h"

#include <algorithm>

namespace wan::metrics {

const char* to_string(Direction direction) {
  switch (direction) {
    case Direction::higher_is_better:
      return "higher_is_better";
    case Direction::lower_is_better:
      return "lower_is_better";
    case Direction::none:
      break;
  }
  return "none";
}

const Score* QualityScores::find(const std::string& metric) const {
  const auto at = std::find_if(scores.begin(), scores.end(), [&](const Score& score) { return score.metric == metric; });
  return at == scores.end() ? nullptr : &*at;
}

}  // namespace wan::metrics
