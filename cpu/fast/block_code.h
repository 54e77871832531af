// Host code of blocks that have proved to be warm: copies of their ops' handlers, one behind the other.
//
// A threaded interpreter jumps from handler to handler, and a host remembers only a few thousand such jumps;
// a guest with a large footprint - a shell, a kernel - then waits for a wrong guess at almost every
// instruction. Copied handlers need no jumps. (Piumarta and Riccardi, Optimizing direct threaded code by
// selective inlining, PLDI 1998; Ertl and Gregg, Optimizing indirect branch prediction accuracy in virtual
// machine interpreters, PLDI 2003.) Nothing is translated: every copied instruction was compiled from the
// handler's C++, and a copy behaves as its original does, down to the op that it gives up at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "cpu/fast/handler_template.h"
#include "cpu/op.h"

namespace ringside::fast {

class BlockCode {
 public:
  BlockCode();
  ~BlockCode();
  BlockCode(const BlockCode&) = delete;
  BlockCode& operator=(const BlockCode&) = delete;

  /// False where the host has no memory to give for it, or is not an x86-64: blocks then stay threaded.
  bool available() const { return memory_ != nullptr; }
  /// Copies the handlers of `block` and makes its ops go to the copies. Nothing happens when no room is left.
  void copy(Block& block);
  std::size_t bytes_used() const { return used_; }
  /// No room is left: time to forget all blocks.
  bool full() const { return full_; }
  /// Forgets all copies. No block that was copied may be entered again.
  void clear();

 private:
  static constexpr std::size_t kBytes = std::size_t{48} << 20;

  const HandlerTemplate& template_of(Handler handler, Passed wanted);

  std::uint8_t* memory_ = nullptr;
  std::size_t used_ = 0;
  bool full_ = false;
  std::array<std::unordered_map<Handler, HandlerTemplate>, kPassedAll + 1> templates_;  // by what is wanted
};

/// Entries of a block before its handlers are copied. Code that runs once, as most of a boot does, is not
/// worth it.
constexpr std::uint32_t kWarmAfter = 16;

/// Stands in for the first handler of a block that is not warm yet.
void count_entry(Cpu* cpu, const Op* op, std::int64_t budget, std::uint64_t result, std::uint64_t vector,
                 std::uint64_t last);

}  // namespace ringside::fast
