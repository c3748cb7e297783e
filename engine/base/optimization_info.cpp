#include "engine/base/optimization_info.h"

namespace wan {

const char* to_string(OptimizationClass kind) {
  switch (kind) {
    case OptimizationClass::exact:
      return "exact";
    case OptimizationClass::equivalent:
      return "equivalent";
    case OptimizationClass::lossy:
      return "lossy";
  }
  return "?";
}

}  // namespace wan
