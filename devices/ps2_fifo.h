// The small queues inside keyboard, mouse and keyboard controller.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "memory/state_visitor.h"

namespace ringside {

/// First in, first out, of a fixed size; a push into a full queue is lost.
template <typename T, std::size_t N>
class Ps2Fifo {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  void clear() { head_ = count_ = 0; }
  void push(T value) {
    if (count_ < N) slots_[(head_ + count_++) % N] = value;
  }
  T front() const { return slots_[head_]; }
  T take() {
    const T value = slots_[head_];
    if (count_ != 0) {
      head_ = static_cast<std::uint8_t>((head_ + 1) % N);
      --count_;
    }
    return value;
  }
  void visit(StateVisitor& visitor) {
    visitor.field("slots", slots_);
    visitor.field("head", head_);
    visitor.field("count", count_);
    if (head_ >= N || count_ > N) throw StateError("a PS/2 queue is longer than it can be");
  }

 private:
  static_assert(N < 256);
  std::array<T, N> slots_{};
  std::uint8_t head_ = 0;
  std::uint8_t count_ = 0;
};

}  // namespace ringside
