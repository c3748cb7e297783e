// The world as an endless, ordered supply: clip i of a split is the same however many threads draw it, so a run that is resumed sees what
// an uninterrupted one would have seen.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/train/world/render.h"
#include "engine/train/world/scene.h"

namespace wan::train {

struct ClipBatch {
  at::Tensor rgb;  // [n, F, H, W, 3] uint8 on the host
  std::vector<std::string> captions;
};

class WorldClips {
 public:
  // Clips `first`, `first + 1`, ... in batches of `size`, drawn ahead by `threads` threads.
  WorldClips(world::Split split, const world::Canvas& canvas, std::int64_t size, std::uint64_t first, int threads);
  ~WorldClips();
  WorldClips(const WorldClips&) = delete;  // owns threads
  WorldClips& operator=(const WorldClips&) = delete;

  ClipBatch next();  // waits until it is drawn

 private:
  struct Pending {
    ClipBatch batch;
    std::uint64_t first = 0;
    std::int64_t taken = 0, drawn = 0;  // clips of it
  };
  void draw();

  const world::Split split_;
  const world::Canvas canvas_;
  const std::int64_t size_;
  std::uint64_t next_;  // clip of the batch to be begun
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Pending> pending_;  // in order
  bool stop_ = false;
  std::vector<std::jthread> threads_;
};

// A copy on `device` that the host does not wait for.
at::Tensor upload(const at::Tensor& host, at::Device device);

// [n, F, H, W, 3] uint8 -> [n, 3, F, H, W] of `dtype` in [-1, 1] on `device`.
at::Tensor as_video(const at::Tensor& rgb, at::Device device, at::ScalarType dtype);

}  // namespace wan::train
