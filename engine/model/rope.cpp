#include "engine/model/rope.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>

#include "engine/runtime/tensor.h"

namespace wan::model {

RopeTables make_rope_tables(std::int64_t frames, std::int64_t rows, std::int64_t columns, std::int64_t head_dim, at::Device device) {
  const std::int64_t axis_rows = 2 * (head_dim / 6), axis_frames = head_dim - 2 * axis_rows;
  const std::int64_t pairs = head_dim / 2, tokens = frames * rows * columns;
  at::Tensor cosine = at::empty({tokens, pairs}, at::TensorOptions(at::kFloat));
  at::Tensor sine = at::empty_like(cosine);
  float* c = cosine.mutable_data_ptr<float>();
  float* s = sine.mutable_data_ptr<float>();
  const auto frequency = [](std::int64_t j, std::int64_t axis) {
    return std::pow(10000.0, -2.0 * static_cast<double>(j) / static_cast<double>(axis));
  };
  for (std::int64_t token = 0; token < tokens; ++token)
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const std::int64_t row_pair = pair - axis_frames / 2, column_pair = row_pair - axis_rows / 2;
      double angle = 0;
      if (row_pair < 0)
        angle = static_cast<double>(token / (rows * columns)) * frequency(pair, axis_frames);
      else if (column_pair < 0)
        angle = static_cast<double>(token / columns % rows) * frequency(row_pair, axis_rows);
      else
        angle = static_cast<double>(token % columns) * frequency(column_pair, axis_rows);
      c[token * pairs + pair] = static_cast<float>(std::cos(angle));
      s[token * pairs + pair] = static_cast<float>(std::sin(angle));
    }
  return {.cosine = cosine.to(device), .sine = sine.to(device)};
}

}  // namespace wan::model
