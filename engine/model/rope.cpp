#include "engine/model/rope.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/runtime/tensor.h"

namespace wan::model {

RopeTables make_rope_tables(std::int64_t frames, std::int64_t rows, std::int64_t columns, std::int64_t head_dim, at::Device device) {
  const std::int64_t axis_rows = 2 * (head_dim / 6), axis_frames = head_dim - 2 * axis_rows;
  const std::int64_t pairs = head_dim / 2, tokens = frames * rows * columns;
  at::Tensor cosine = at::empty({tokens, pairs}, at::TensorOptions(at::kFloat));
  at::Tensor sine = at::empty_like(cosine);
  float* c = cosine.mutable_data_ptr<float>();
  float* s = sine.mutable_data_ptr<float>();
  // A pair belongs to one axis and turns by its token's place there; places are few, tokens many.
  const std::int64_t axes[3] = {axis_frames, axis_rows, axis_rows}, places[3] = {frames, rows, columns};
  std::int64_t first_pair = 0;
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t own = axes[axis] / 2;
    std::vector<float> turn_c(static_cast<std::size_t>(places[axis] * own)), turn_s(turn_c.size());
    for (std::int64_t place = 0; place < places[axis]; ++place)
      for (std::int64_t pair = 0; pair < own; ++pair) {
        const double angle =
            static_cast<double>(place) * std::pow(10000.0, -2.0 * static_cast<double>(pair) / static_cast<double>(axes[axis]));
        turn_c[static_cast<std::size_t>(place * own + pair)] = static_cast<float>(std::cos(angle));
        turn_s[static_cast<std::size_t>(place * own + pair)] = static_cast<float>(std::sin(angle));
      }
    for (std::int64_t token = 0; token < tokens; ++token) {
      const std::int64_t place = axis == 0 ? token / (rows * columns) : axis == 1 ? token / columns % rows : token % columns;
      std::copy_n(turn_c.data() + place * own, own, c + token * pairs + first_pair);
      std::copy_n(turn_s.data() + place * own, own, s + token * pairs + first_pair);
    }
    first_pair += own;
  }
  return {.cosine = cosine.to(device), .sine = sine.to(device)};
}

}  // namespace wan::model
