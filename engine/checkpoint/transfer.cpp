#include "engine/checkpoint/transfer.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <climits>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"
#include "engine/runtime/mark.h"
#include "engine/runtime/tensor.h"

namespace wan::checkpoint {
namespace {

// What one thread takes at a time: large enough that the disk sees long reads however many threads there are (1 MiB pieces of several
// threads interleaved read at half the speed, measured).
constexpr std::size_t kPieceBytes = std::size_t{16} << 20;
constexpr std::size_t kCacheBytes = std::size_t{512} << 10;  // a host buffer that stays in a core's cache
constexpr int kMaxDeviceLanes = 8;                           // 2 turns of 16 MiB each: 256 MiB of pinned memory at most

struct Piece {
  std::span<const std::byte> bytes;
  const Transfer* of;
  std::int64_t first;  // element
};

// One thread's way: its buffers and, for a device, the marks that say when they may be filled again.
class Lane {
 public:
  Lane(at::Device device, c10::Stream copies) : device_(device), copies_(copies) {
    const std::size_t bytes = device.is_cpu() ? kCacheBytes : kPieceBytes;
    const auto options = at::TensorOptions(at::kByte);
    for (Turn& turn : turns_) turn.host = at::empty({static_cast<std::int64_t>(bytes)}, options.pinned_memory(!device.is_cpu()));
    if (!device.is_cpu()) as_stored_ = at::empty({static_cast<std::int64_t>(bytes)}, options.device(device));
  }

  void move(const Piece& piece) {
    io::will_read_mapped(piece.bytes, piece.of->from.owner);
    const auto step = static_cast<std::size_t>(turns_.front().host.size(0)), element = io::byte_size(piece.of->from.dtype);
    for (std::size_t done = 0; done < piece.bytes.size(); done += step) {
      const auto part = piece.bytes.subspan(done, std::min(step, piece.bytes.size() - done));
      const auto elements = static_cast<std::int64_t>(part.size() / element);
      pass_on(part, *piece.of, piece.of->to.view({-1}).narrow(0, piece.first + static_cast<std::int64_t>(done / element), elements));
    }
  }

 private:
  struct Turn {
    at::Tensor host = {};                      // bytes, pinned if there is a device
    std::optional<runtime::Mark> copied = {};  // the device has taken them
  };

  void pass_on(std::span<const std::byte> bytes, const Transfer& of, const at::Tensor& to) {
    Turn& turn = turns_[next_++ % turns_.size()];
    if (turn.copied) turn.copied->wait();
    io::read_mapped(bytes, of.from.owner, reinterpret_cast<std::byte*>(turn.host.mutable_data_ptr<std::uint8_t>()));
    const auto size = static_cast<std::int64_t>(bytes.size());
    const at::Tensor read = turn.host.narrow(0, 0, size).view(of.stored);
    if (device_.is_cpu()) {
      to.copy_(read);
      return;
    }
    const c10::StreamGuard guard(copies_);
    if (to.scalar_type() == of.stored) {
      to.copy_(read, /*non_blocking=*/true);
    } else {
      const at::Tensor there = as_stored_.narrow(0, 0, size).view(of.stored);
      there.copy_(read, /*non_blocking=*/true);
      to.copy_(there);
    }
    turn.copied.emplace(device_);
  }

  at::Device device_;
  c10::Stream copies_;
  std::array<Turn, 2> turns_ = {};
  at::Tensor as_stored_ = {};  // bytes on the device, between copy and conversion; the stream's order keeps its users apart
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
      lane.move(pieces[i]);
      bytes_read += static_cast<std::int64_t>(pieces[i].bytes.size());
      report();
    }
  } catch (...) {
    stopped = true;
    throw;
  }
};

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

  std::vector<Lane> lanes;
  const int threads = std::min(at::get_num_threads(), device.is_cpu() ? INT_MAX : kMaxDeviceLanes);
  for (int i = 0; i < threads && i < static_cast<int>(work.pieces.size()); ++i) lanes.emplace_back(device, copies);
  std::int64_t reported = 0;
  const std::function<void()> report = [&] {
    const std::int64_t now = work.bytes_read;
    if (progress && now > reported) progress(now - std::exchange(reported, now));
  };
  const bool inference = c10::InferenceMode::is_enabled();  // the mode is a thread's own
  const auto finish = [&] { on_side([&] { return runtime::Mark(device); }).wait(); };
  try {
    at::parallel_for(0, static_cast<std::int64_t>(lanes.size()), 1, [&](std::int64_t begin, std::int64_t end) {
      const c10::InferenceMode mode(inference);
      for (std::int64_t i = begin; i < end; ++i)
        work.run(lanes[static_cast<std::size_t>(i)], i == 0 ? report : std::function<void()>([] {}));
    });
  } catch (...) {
    finish();  // before the tensors and buffers go
    throw;
  }
  finish();
  report();
}

}  // namespace wan::checkpoint
