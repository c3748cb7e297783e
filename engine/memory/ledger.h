// An allocator on paper: what is held now, and the most that ever was. A prediction walks through the code that it predicts and holds and
// releases on the ledger what that code allocates and frees.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

namespace wan::memory {

class Ledger {
 public:
  // `granularity`: every block is rounded up to a multiple of it, as a device's allocator does.
  explicit Ledger(std::int64_t granularity = 1) : granularity_(granularity) {}
  Ledger(const Ledger&) = delete;  // what is held points to it
  Ledger& operator=(const Ledger&) = delete;

  // A block, released when it goes.
  class Held {
   public:
    Held() = default;
    Held(Held&& other) noexcept : ledger_(std::exchange(other.ledger_, nullptr)), bytes_(other.bytes_) {}
    Held& operator=(Held&& other) noexcept {
      release();
      ledger_ = std::exchange(other.ledger_, nullptr);
      bytes_ = other.bytes_;
      return *this;
    }
    ~Held() { release(); }
    void release() {
      if (ledger_) ledger_->live_ -= bytes_;
      ledger_ = nullptr;
    }

   private:
    friend class Ledger;
    Held(Ledger* ledger, std::int64_t bytes) : ledger_(ledger), bytes_(bytes) {}
    Ledger* ledger_ = nullptr;
    std::int64_t bytes_ = 0;
  };

  [[nodiscard]] Held hold(std::int64_t bytes) {
    const std::int64_t rounded = (bytes + granularity_ - 1) / granularity_ * granularity_;
    live_ += rounded;
    peak_ = std::max(peak_, live_);
    largest_ = std::max(largest_, rounded);
    return {this, rounded};
  }
  void touch(std::int64_t bytes) { const auto held = hold(bytes); }  // held for a moment

  std::int64_t live_bytes() const { return live_; }
  std::int64_t peak_bytes() const { return peak_; }
  std::int64_t largest_block_bytes() const { return largest_; }

 private:
  std::int64_t granularity_, live_ = 0, peak_ = 0, largest_ = 0;
};

}  // namespace wan::memory
