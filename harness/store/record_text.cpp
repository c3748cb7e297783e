#include "harness/store/record_text.h"

#include <fmt/format.h>

namespace wan::store {

std::string machine_class(const Environment& environment) {
  if (environment.device.starts_with("cuda")) return environment.device_name;
  return fmt::format("{}, {} cores", environment.cpu, environment.cores);
}

std::string shape_text(const plan::Shape& shape) {
  std::string text = fmt::format("{}x{}, {} frames, {} steps, {}{}{}, shift {:g}", shape.width, shape.height, shape.frames, shape.steps,
                                 shape.solver, shape.solver.empty() ? "" : ", ", shape.precision, shape.shift);
  if (shape.guidance_low && shape.guidance_high) text += fmt::format(", guidance {:g}, {:g}", *shape.guidance_low, *shape.guidance_high);
  return text;
}

}  // namespace wan::store
