// Where a transformer's blocks are. The transformer asks for each block before it runs it and says when it is done with it, so a store may
// keep all of them on the device (resident_blocks) or bring them there in time (block_pool.h).
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace wan::model {

class BlockStore {
 public:
  virtual ~BlockStore() = default;
  virtual void add(Block block) = 0;                 // the next one, as it was made on the device
  virtual void replace(int index, Block block) = 0;  // by one with other tensors
  // The block, for work that is asked of the device's current stream until `end`; one at a time.
  virtual const Block& begin(int index) = 0;
  virtual void end(int index) = 0;
  virtual std::int64_t device_bytes() const = 0;  // that it takes there at most
};

// All blocks on the device, always.
std::unique_ptr<BlockStore> resident_blocks();

// Runs `run` with the block, which it must not keep.
template <typename Run>
auto with_block(BlockStore& store, int index, const Run& run) {
  auto result = run(store.begin(index));
  store.end(index);  // if `run` throws, the store learns of it by the next `begin`
  return result;
}

}  // namespace wan::model
