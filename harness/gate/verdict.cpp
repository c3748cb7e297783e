#include "harness/gate/verdict.h"

namespace wan::gate {

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::held:
      return "held";
    case Outcome::failed:
      return "failed";
    case Outcome::rejected:
      return "rejected";
    case Outcome::inconclusive:
      return "inconclusive";
    case Outcome::not_measured:
      return "not_measured";
    case Outcome::invalid:
      return "invalid";
    case Outcome::not_claimed:
      return "not_claimed";
  }
  return "";
}

}  // namespace wan::gate
