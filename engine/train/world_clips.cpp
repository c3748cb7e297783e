#include "engine/train/world_clips.h"

#include <ATen/ops/empty.h>

#include <cstring>

#include "engine/runtime/tensor.h"
#include "engine/train/world/caption.h"

namespace wan::train {
namespace {

constexpr std::size_t kBatchesAhead = 4;

}  // namespace

WorldClips::WorldClips(world::Split split, const world::Canvas& canvas, std::int64_t size, std::uint64_t first, int threads)
    : split_(split), canvas_(canvas), size_(size), next_(first) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { draw(); });
}

WorldClips::~WorldClips() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  changed_.notify_all();
}

void WorldClips::draw() {
  std::unique_lock lock(mutex_);
  while (true) {
    Pending* open = nullptr;
    changed_.wait(lock, [&] {
      if (stop_) return true;
      for (Pending& pending : pending_)
        if (pending.taken < size_) {
          open = &pending;
          return true;
        }
      return pending_.size() < kBatchesAhead;
    });
    if (stop_) return;
    if (!open) {
      open = &pending_.emplace_back();
      open->first = next_;
      open->batch.rgb = at::empty({size_, canvas_.frames, canvas_.height, canvas_.width, 3}, at::TensorOptions(at::kByte));
      open->batch.captions.resize(static_cast<std::size_t>(size_));
      next_ += static_cast<std::uint64_t>(size_);
    }
    const auto slot = static_cast<std::size_t>(open->taken++);
    const std::uint64_t index = open->first + slot;
    const auto bytes = static_cast<std::size_t>(open->batch.rgb.nbytes()) / static_cast<std::size_t>(size_);
    // Places in a deque stay where they are while others are added behind and taken in front.
    std::uint8_t* rgb = open->batch.rgb.mutable_data_ptr<std::uint8_t>() + slot * bytes;
    std::string* caption = &open->batch.captions[slot];
    lock.unlock();
    const world::Scene scene = world::draw_scene(index, split_);
    const VideoClip clip = world::render(scene, index, canvas_);
    std::memcpy(rgb, clip.rgb.data(), bytes);
    *caption = world::describe(scene, index);
    lock.lock();
    ++open->drawn;
    changed_.notify_all();
  }
}

ClipBatch WorldClips::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !pending_.empty() && pending_.front().drawn == size_; });
  ClipBatch batch = std::move(pending_.front().batch);
  pending_.pop_front();
  changed_.notify_all();
  return batch;
}

at::Tensor upload(const at::Tensor& host, at::Device device) {
  if (device.is_cpu()) return host;
  const at::Tensor pinned = at::empty(host.sizes(), host.options().pinned_memory(true));
  // By hand: LibTorch's copy would share a few megabytes among as many threads as there are cores, all of which draw clips.
  std::memcpy(pinned.mutable_data_ptr(), host.const_data_ptr(), host.nbytes());
  return pinned.to(device, /*non_blocking=*/true);
}

at::Tensor as_video(const at::Tensor& rgb, at::Device device, at::ScalarType dtype) {
  return (upload(rgb, device).to(at::kFloat) / 127.5 - 1.0).to(dtype).permute({0, 4, 1, 2, 3});
}

}  // namespace wan::train
