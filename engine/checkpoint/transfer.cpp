#include "engine/checkpoint/transfer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/convert.h"
#include "engine/io/mapped_file.h"
#include "engine/runtime/mark.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

// What one thread takes at a time: large enough that the disk sees long reads however many threads there are (1 MiB pieces of several
// threads interleaved read at half the speed, measured).
constexpr std::size_t kPieceBytes = std::size_t{16} << 20;
constexpr std::size_t kCacheBytes = std::size_t{512} << 10;  // a host buffer that stays in a core's cache
constexpr int kDeviceLanes = 8;                              // 2 turns of 16 MiB each: 256 MiB of pinned memory

struct Piece {
  std::span<const std::byte> bytes;
  const Transfer* of;
  std::int64_t first;  // element
};

at::Tensor byte_buffer(std::size_t bytes, at::TensorOptions options) {
  return at::empty({static_cast<std::int64_t>(bytes)}, options.dtype(at::kByte));
}

std::byte* address(const at::Tensor& buffer) { return static_cast<std::byte*>(buffer.mutable_data_ptr()); }

// One thread's way from a file to its tensors.
class Lane {
 public:
  virtual ~Lane() = default;
  virtual void move(const Piece& piece) = 0;
};

// To the host's memory: read into the cache, converted out of it.
class HostLane final : public Lane {
 public:
  void move(const Piece& piece) override {
    const auto& [from, stored, to] = *piece.of;
    const std::size_t element = io::byte_size(from.dtype);
    std::byte* target = address(to) + static_cast<std::size_t>(piece.first) * to.element_size();
    for (std::size_t done = 0; done < piece.bytes.size(); done += kCacheBytes) {
      const auto part = piece.bytes.subspan(done, std::min(kCacheBytes, piece.bytes.size() - done));
      io::read_mapped(part, from.owner, address(buffer_));
      convert(stored, address(buffer_), to.scalar_type(), target + done / element * to.element_size(), part.size() / element);
    }
  }

 private:
  at::Tensor buffer_ = byte_buffer(kCacheBytes, {});
};

// To a device: read into pinned memory, copied and converted there while the thread reads on.
class DeviceLane final : public Lane {
 public:
  DeviceLane(at::Device device, c10::Stream copies) : device_(device), copies_(copies), as_stored_(byte_buffer(kPieceBytes, device)) {
    for (Turn& turn : turns_) turn.host = byte_buffer(kPieceBytes, at::TensorOptions().pinned_memory(true));
  }

  void move(const Piece& piece) override {
    const auto& [from, stored, to] = *piece.of;
    Turn& turn = turns_[next_++ % turns_.size()];
    if (turn.copied) turn.copied->wait();
    io::read_mapped(piece.bytes, from.owner, address(turn.host));
    const auto bytes = static_cast<std::int64_t>(piece.bytes.size());
    const at::Tensor read = turn.host.narrow(0, 0, bytes).view(stored);
    const at::Tensor target = to.view({-1}).narrow(0, piece.first, read.numel());
    const c10::StreamGuard guard(copies_);
    if (to.scalar_type() == stored) {
      target.copy_(read, /*non_blocking=*/true);
    } else {
      const at::Tensor there = as_stored_.narrow(0, 0, bytes).view(stored);
      there.copy_(read, /*non_blocking=*/true);
      target.copy_(there);
    }
    turn.copied.emplace(device_);
  }

 private:
  struct Turn {
    at::Tensor host = {};                      // bytes
    std::optional<runtime::Mark> copied = {};  // the device has taken them
  };

  at::Device device_;
  c10::Stream copies_;
  std::array<Turn, 2> turns_ = {};
  at::Tensor as_stored_;  // bytes between copy and conversion; the stream's order keeps its users apart
  std::size_t next_ = 0;
};

// In the order of the files, so that the disk is read forwards.
std::vector<Piece> cut(std::span<const Transfer> transfers) {
  std::vector<Piece> pieces;
  for (const Transfer& t : transfers) {
    WAN_CHECK(t.to.is_contiguous() && t.to.numel() == t.from.numel(), "a tensor of {} elements for {} in the file", t.to.numel(),
              t.from.numel());
    WAN_CHECK(t.to.device() == transfers.front().to.device(), "tensors on two devices in one transfer");
    const std::size_t element = io::byte_size(t.from.dtype);
    for (std::size_t at = 0; at < t.from.data.size(); at += kPieceBytes)
      pieces.push_back({.bytes = t.from.data.subspan(at, std::min(kPieceBytes, t.from.data.size() - at)),
                        .of = &t,
                        .first = static_cast<std::int64_t>(at / element)});
  }
  std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) { return std::less<>()(a.bytes.data(), b.bytes.data()); });
  return pieces;
}

// What all threads share.
struct Work {
  std::vector<Piece> pieces;
  std::atomic<std::size_t> next = 0;
  std::atomic<std::int64_t> bytes_read = 0;
  std::atomic<bool> stopped = false;

  void run(Lane& lane, const std::function<void()>& report) try {
    for (std::size_t i = next++; i < pieces.size() && !stopped; i = next++) {
      io::will_read_mapped(pieces[i].bytes, pieces[i].of->from.owner);
      lane.move(pieces[i]);
      bytes_read += static_cast<std::int64_t>(pieces[i].bytes.size());
      report();
    }
  } catch (...) {
    stopped = true;
    throw;
  }
};

// Every lane on a thread of its own, the first one on the caller's, which alone reports. What a lane throws is thrown when all have ended.
void run_all(Work& work, const std::vector<std::unique_ptr<Lane>>& lanes, const std::function<void()>& report) {
  const bool inference = c10::InferenceMode::is_enabled();  // the mode is a thread's own
  std::vector<std::exception_ptr> faults(lanes.size());
  const auto run = [&](std::size_t i, const std::function<void()>& tell) {
    try {
      const c10::InferenceMode mode(inference);
      work.run(*lanes[i], tell);
    } catch (...) {
      faults[i] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < lanes.size(); ++i) threads.emplace_back(run, i, [] {});
    run(0, report);
  }
  for (const auto& fault : faults)
    if (fault) std::rethrow_exception(fault);
}

}  // namespace

void transfer(std::span<const Transfer> transfers, const BytesRead& progress) {
  Work work{.pieces = cut(transfers)};
  if (work.pieces.empty()) return;
  const at::Device device = transfers.front().to.device();
  const c10::Stream copies = runtime::side_stream(device);
  const runtime::Mark asked(device);  // what was asked before may still use the memory that the tensors were made in
  const auto on_side = [&](const auto& act) {
    const c10::StreamGuard guard(copies);
    return act();
  };
  on_side([&] { asked.hold(); });

  std::vector<std::unique_ptr<Lane>> lanes;
  const int threads = device.is_cpu() ? at::get_num_threads() : std::min(at::get_num_threads(), kDeviceLanes);
  for (int i = 0; i < threads && i < static_cast<int>(work.pieces.size()); ++i)
    if (device.is_cpu())
      lanes.push_back(std::make_unique<HostLane>());
    else
      lanes.push_back(std::make_unique<DeviceLane>(device, copies));
  std::int64_t reported = 0;
  const auto report = [&] {
    const std::int64_t now = work.bytes_read;
    if (progress && now > reported) progress(now - std::exchange(reported, now));
  };
  const auto finish = [&] { on_side([&] { return runtime::Mark(device); }).wait(); };
  try {
    run_all(work, lanes, report);
  } catch (...) {
    finish();  // before the tensors and buffers go
    throw;
  }
  finish();
  report();
}

}  // namespace wan::checkpoint
