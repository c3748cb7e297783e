#include "engine/model/block_store.h"

#include <vector>

#include "engine/runtime/tensor.h"

namespace wan::model {
namespace {

class ResidentBlocks final : public BlockStore {
 public:
  void add(Block block) override { blocks_.push_back(std::move(block)); }
  void replace(int index, Block block) override { blocks_.at(static_cast<std::size_t>(index)) = std::move(block); }
  const Block& begin(int index) override { return blocks_.at(static_cast<std::size_t>(index)); }
  void end(int) override {}
  std::int64_t device_bytes() const override {
    std::int64_t bytes = 0;
    for (const Block& block : blocks_) bytes += bytes_of(block);
    return bytes;
  }

 private:
  std::vector<Block> blocks_ = {};
};

}  // namespace

std::unique_ptr<BlockStore> resident_blocks() { return std::make_unique<ResidentBlocks>(); }

}  // namespace wan::model
