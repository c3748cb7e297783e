// The blocks of one or two experts in host memory, and as many of them on the device as there are slots. The next blocks are copied on a
// stream of their own while others run: a block that has run makes room for the nearest one to come that is not there. One rule, two uses:
// a few slots stream the blocks through a small card; as many slots as an expert has blocks, and one more, keep an expert there, and while
// it runs for the last time its finished blocks make room for the other expert's.
//
// Which blocks are to come is told by `expect`; what comes otherwise is right too, only later. Host memory is pinned where there is a
// device. On the CPU the same happens with plain copies. Not for several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/model/block_store.h"

namespace wan::model {

class BlockPool {
 public:
  BlockPool(at::Device device, std::int64_t slots);  // at least 2: one runs, one is filled
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;  // the device's slots have one owner
  BlockPool& operator=(const BlockPool&) = delete;

  // The blocks of one more expert; experts are counted from 0. The pool must outlive it.
  std::unique_ptr<BlockStore> make_store();

  // Passes over all blocks of an expert, in the order to come. Copies begin at once. Beyond the last one the pool takes its expert for the
  // next.
  void expect(std::span<const int> experts);

  // Takes all blocks off the device, in the order of its current stream. They come back when they are used or expected.
  void release();

  std::int64_t device_bytes() const;  // that the slots take at most
  std::int64_t host_bytes() const;
  std::int64_t copies() const;  // of blocks to the device so far
  std::int64_t misses() const;  // of them those that began only when the block was asked for

 private:
  struct Impl;
  class Store;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wan::model
