#include "engine/model/block_pool.h"

#include <ATen/ops/empty.h>
#include <c10/core/StreamGuard.h>

#include <algorithm>
#include <bit>
#include <deque>
#include <optional>

#include "engine/base/error.h"
#include "engine/runtime/mark.h"
#include "engine/runtime/tensor.h"

namespace wan::model {
namespace {

constexpr std::int64_t kAlignment = 512;                          // as the device's allocator aligns
constexpr std::uint64_t kSmallestPiece = std::uint64_t{1} << 20;  // of pinned memory

struct BlockId {
  int expert = 0, index = 0;
  bool operator==(const BlockId&) const = default;
};

// A block in host memory: its tensors' bytes one behind the other, and what they are.
struct HostBlock {
  Block outline = {};                   // tensors without memory, on the meta device
  std::vector<at::Tensor> pieces = {};  // of bytes
  std::int64_t bytes = 0;
};

struct Slot {
  at::Tensor buffer = {};  // bytes on the device
  Block block = {};        // tensors in the buffer
  std::optional<BlockId> holds = {};
  std::optional<runtime::Mark> filled = {};  // on the copies' stream
  std::optional<runtime::Mark> free = {};    // on the stream that used the block, or in which the buffer was made
};

// The block with its tensors in `buffer`, one behind the other.
Block laid_out(const Block& outline, const at::Tensor& buffer) {
  std::int64_t at = 0;
  return with_tensors(outline, [&](const at::Tensor& tensor) {
    const auto bytes = static_cast<std::int64_t>(tensor.nbytes());
    const at::Tensor there = buffer.narrow(0, at, bytes).view(tensor.scalar_type()).view(tensor.sizes());
    at += (bytes + kAlignment - 1) / kAlignment * kAlignment;
    return there;
  });
}

std::int64_t laid_out_bytes(const Block& block) {
  std::int64_t total = 0;
  for (const at::Tensor& tensor : tensors_of(block))
    total += (static_cast<std::int64_t>(tensor.nbytes()) + kAlignment - 1) / kAlignment * kAlignment;
  return total;
}

at::Tensor empty_bytes(std::int64_t bytes, at::TensorOptions options) { return at::empty({bytes}, options.dtype(at::kByte)); }

// The allocator of pinned memory rounds a request up to a power of two, which would waste up to half of it: the block is cut into powers.
std::vector<at::Tensor> host_pieces(std::int64_t bytes, bool pinned) {
  std::vector<at::Tensor> pieces;
  const auto options = at::TensorOptions(at::kCPU).pinned_memory(pinned);
  for (auto left = static_cast<std::uint64_t>(bytes); left > 0;) {
    const std::uint64_t piece = std::min(left, std::max(std::bit_floor(left), kSmallestPiece));
    pieces.push_back(empty_bytes(static_cast<std::int64_t>(piece), options));
    left -= piece;
  }
  return pieces;
}

// `copy(piece, bytes of the buffer that belong to it)` for every piece.
template <typename Copy>
void for_pieces(const HostBlock& block, const at::Tensor& buffer, const Copy& copy) {
  std::int64_t at = 0;
  for (const at::Tensor& piece : block.pieces) {
    copy(piece, buffer.narrow(0, at, piece.size(0)));
    at += piece.size(0);
  }
}

HostBlock to_host(const Block& block, at::Device device) {
  HostBlock host{.outline = with_tensors(block, [](const at::Tensor& t) { return at::empty(t.sizes(), t.options().device(at::kMeta)); }),
                 .bytes = laid_out_bytes(block)};
  host.pieces = host_pieces(host.bytes, !device.is_cpu());
  const at::Tensor buffer = empty_bytes(host.bytes, device);
  const auto from = tensors_of(block), to = tensors_of(laid_out(host.outline, buffer));
  for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  for_pieces(host, buffer, [](const at::Tensor& piece, const at::Tensor& bytes) { piece.copy_(bytes); });
  return host;
}

}  // namespace

struct BlockPool::Impl {
  Impl(at::Device on, std::int64_t count) : device(on), side(runtime::side_stream(on)), slots(static_cast<std::size_t>(count)) {}

  const HostBlock& host(BlockId id) const { return experts.at(static_cast<std::size_t>(id.expert)).at(static_cast<std::size_t>(id.index)); }

  Slot* find(BlockId id) {
    const auto at = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) { return slot.holds == id; });
    return at == slots.end() ? nullptr : &*at;
  }

  // The next blocks to run, nearest first, each once, as many as there are slots.
  std::vector<BlockId> upcoming() const {
    std::vector<BlockId> next;
    const auto append = [&](int expert, int first) {
      const int count = static_cast<int>(experts.at(static_cast<std::size_t>(expert)).size());
      for (int i = first; i < count && next.size() < slots.size(); ++i)
        if (const BlockId id{expert, i}; std::find(next.begin(), next.end(), id) == next.end()) next.push_back(id);
    };
    append(last.expert, last.index + 1);
    int previous = -1;
    for (const int expert : passes)
      if (expert != std::exchange(previous, expert)) append(expert, 0);
    append(passes.empty() ? last.expert : passes.back(), 0);
    return next;
  }

  // Takes what is needed last, or never.
  Slot& victim(const std::vector<BlockId>& next) {
    Slot* chosen = nullptr;
    std::size_t latest = 0;
    for (Slot& slot : slots) {
      const std::size_t when =
          slot.holds ? static_cast<std::size_t>(std::find(next.begin(), next.end(), *slot.holds) - next.begin()) : next.size() + 1;
      if (!chosen || when > latest) chosen = &slot, latest = when;
    }
    return *chosen;
  }

  void empty(Slot& slot) {
    if (slot.filled) slot.filled->hold();  // memory goes back in the order of the current stream
    slot = {};
  }

  void fill(Slot& slot, BlockId id) {
    const HostBlock& from = host(id);
    ++copied;
    if (!slot.buffer.defined() || slot.buffer.size(0) != from.bytes) {
      empty(slot);
      slot.buffer = empty_bytes(from.bytes, device);
      slot.free.emplace(device);
    }
    slot.block = laid_out(from.outline, slot.buffer);
    slot.holds = id;
    const c10::StreamGuard guard(side);
    slot.free->hold();
    for_pieces(from, slot.buffer, [](const at::Tensor& piece, const at::Tensor& bytes) { bytes.copy_(piece, /*non_blocking=*/true); });
    slot.filled.emplace(device);
  }

  // Fills the slots whose blocks are not needed soon with those that are.
  void fetch() {
    const std::vector<BlockId> next = upcoming();
    for (const BlockId& id : next) {
      if (find(id)) continue;
      const auto at = std::find_if(slots.begin(), slots.end(), [&](const Slot& slot) {
        return !slot.holds || std::find(next.begin(), next.end(), *slot.holds) == next.end();
      });
      if (at == slots.end()) return;
      fill(*at, id);
    }
  }

  const Block& begin(BlockId id) {
    if (running) done(*running);  // it was broken off
    if (id.index == 0 && !passes.empty() && passes.front() == id.expert) passes.pop_front();
    Slot* slot = find(id);
    if (!slot) {
      ++missed;
      fill(*(slot = &victim(upcoming())), id);
    }
    slot->filled->hold();
    running = id;
    return slot->block;
  }

  void done(BlockId id) {
    if (Slot* slot = find(id)) slot->free.emplace(device);
    running.reset();
  }

  void end(BlockId id) {
    done(id);
    last = id;
    fetch();
  }

  at::Device device;
  c10::Stream side;
  std::vector<Slot> slots;
  std::deque<std::vector<HostBlock>> experts = {};
  std::deque<int> passes = {};  // that have not begun
  std::optional<BlockId> running = {};
  BlockId last = {0, -1};  // that ended
  std::int64_t copied = 0, missed = 0;
};

class BlockPool::Store final : public BlockStore {
 public:
  Store(Impl& pool, int expert) : pool_(pool), expert_(expert) {}
  void add(Block block) override { blocks().push_back(to_host(block, pool_.device)); }
  void replace(int index, Block block) override {
    if (Slot* slot = pool_.find({expert_, index})) pool_.empty(*slot);
    blocks().at(static_cast<std::size_t>(index)) = to_host(block, pool_.device);
  }
  const Block& begin(int index) override { return pool_.begin({expert_, index}); }
  void end(int index) override { pool_.end({expert_, index}); }
  std::int64_t device_bytes() const override { return 0; }  // the pool's

 private:
  std::vector<HostBlock>& blocks() { return pool_.experts.at(static_cast<std::size_t>(expert_)); }
  Impl& pool_;
  int expert_;
};

BlockPool::BlockPool(at::Device device, std::int64_t slots) : impl_(std::make_unique<Impl>(device, slots)) {
  WAN_CHECK(slots >= 2, "{} slots; one runs while another is filled", slots);
}

BlockPool::~BlockPool() {
  try {
    release();
  } catch (...) {  // the device is broken, and whoever used it has been told
  }
}

std::unique_ptr<BlockStore> BlockPool::make_store() {
  impl_->experts.emplace_back();
  return std::make_unique<Store>(*impl_, static_cast<int>(impl_->experts.size()) - 1);
}

void BlockPool::expect(std::span<const int> experts) {
  impl_->passes.assign(experts.begin(), experts.end());
  if (impl_->running) impl_->done(*impl_->running);
  if (experts.empty()) return;
  // Nothing of a pass that was broken off is to come.
  impl_->last = {.expert = experts.front(), .index = static_cast<int>(impl_->experts.at(static_cast<std::size_t>(experts.front())).size())};
  impl_->fetch();
}

void BlockPool::release() {
  if (impl_->running) impl_->done(*impl_->running);
  for (Slot& slot : impl_->slots) impl_->empty(slot);
}

std::int64_t BlockPool::device_bytes() const {
  std::int64_t largest = 0;
  for (const auto& expert : impl_->experts)
    for (const HostBlock& block : expert) largest = std::max(largest, block.bytes);
  return std::min(largest * static_cast<std::int64_t>(impl_->slots.size()), host_bytes());
}

std::int64_t BlockPool::host_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& expert : impl_->experts)
    for (const HostBlock& block : expert) bytes += block.bytes;
  return bytes;
}

std::int64_t BlockPool::copies() const { return impl_->copied; }
std::int64_t BlockPool::misses() const { return impl_->missed; }

}  // namespace wan::model
