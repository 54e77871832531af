// What is to be copied of a fast handler's machine code, so that the copies of a block's handlers, laid one
// behind the other, run without a jump from handler to handler.
#pragma once

#include <cstdint>
#include <vector>

#include "cpu/op.h"

namespace ringside::fast {

/// Four bytes in the copied code (one, for a field into a byte register) that the copy has to fill in.
struct Fixup {
  enum class Kind : std::uint8_t {
    // A displacement:
    kAbsolute,  ///< to `target`, an address of the host
    kMain,      ///< to byte `target` of this template's main part
    kSide,      ///< to byte `target` of this template's side part
    kNext,      ///< to the copy of the op that is `target` ops further on
    // An immediate: what the original loads from byte `target` of the op.
    kByte,       ///< into a byte register
    kZeroByte,   ///< a byte, zero-extended
    kZeroWord,   ///< two bytes, zero-extended
    kDword,      ///< four bytes
    kOffset,     ///< a byte, added to the four that are there
    kUnresolved, ///< only while a template is made
  };
  Kind kind = Kind::kAbsolute;
  std::uint8_t tail = 0;      ///< bytes of the instruction behind a displacement
  std::uint32_t offset = 0;   ///< in its part
  std::uint64_t target = 0;
};

/// One of the two parts of a template.
struct TemplatePart {
  std::vector<std::uint8_t> code;
  std::vector<Fixup> fixups;
};

/// What one op hands to the next in registers: the two words of the lazy flags, and the result to forward.
using Passed = std::uint8_t;
constexpr Passed kPassedResult = 1, kPassedVector = 2, kPassedLast = 4, kPassedAll = 7;

/// The main part falls through into the copy of the op `step` ops further on; with `step` 0 it ends in a
/// jump. What leaves the straight line is in the side part, which lies behind the block's last main part.
struct HandlerTemplate {
  TemplatePart main, side;
  unsigned step = 0;
  Passed needs = kPassedAll;  ///< of the op before
};

/// Analyses a handler; what computes no more than what is not `wanted` is left out. Where its code is none
/// that can be copied, the template is a jump to it.
HandlerTemplate make_template(Handler handler, Passed wanted);

}  // namespace ringside::fast
