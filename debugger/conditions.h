// Expressions over a stopped machine: conditions of points, and what people ask a debugger to compute.
//
//   eax == 5 && [esp+4] > 0x1000      registers, memory (a dword at a linear address)
//   byte[ds:esi] == 'A'               byte, word, dword, qword; a segment register adds its base
//   [phys:0x1000] & 1                 physical memory
//   counter != 0, [counter] % 2       symbols are addresses
//   int(eax) < 0                      sign-extended from 32 bits; all else is unsigned, 64 bits
//   value, address, vector, error, port, write    of the access or event that was met
//
// Registers: the general ones by all their names, eip, eflags and its flags (cf, zf, if, ...), cs to gs, cr0 to cr4,
// dr0 to dr7, cpl, tick, and csbase, ..., gdtbase, gdtlimit, idtbase, idtlimit, tr, ldtr. A leading $ says "register", a
// leading @ "symbol". Numbers: 10, 0x1F, 1Fh, 'A'.
// Memory that cannot be read makes what depends on it unknown; an unknown condition does not hold.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cpu/cpu.h"
#include "debugger/stop_points.h"

namespace ringside {

class Expression {
 public:
  using SymbolLookup = std::function<std::optional<std::uint32_t>(const std::string&)>;

  /// Throws DebuggerError, with the place of the mistake.
  static Expression parse(const std::string& text, const SymbolLookup& symbols = {});

  /// Nothing where memory that it needs cannot be read, or a divisor is 0.
  std::optional<std::uint64_t> evaluate(const Cpu& cpu, const Hit* hit = nullptr) const;
  /// As a condition.
  bool holds(const Cpu& cpu, const Hit* hit = nullptr) const { return evaluate(cpu, hit).value_or(0) != 0; }

  static constexpr std::size_t kMaxLength = 4096;

  enum class Code : std::uint8_t {
    kConstant, kRegister, kEvent, kMemory, kInt, kNegate, kComplement, kNot, kMultiply, kDivide, kRemainder, kAdd,
    kSubtract, kShiftLeft, kShiftRight, kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual, kAnd, kXor, kOr,
    kBothHold, kEitherHolds,
  };
  /// One instruction of a stack machine, so that evaluation needs no recursion.
  struct Step {
    Code code;
    std::uint8_t size = 0;     ///< kMemory: bytes
    std::uint8_t segment = 0;  ///< kMemory: SegReg, kNoSeg (linear), or kPhysicalSegment
    std::uint64_t value = 0;   ///< constant, or number of the register or event field
  };
  static constexpr std::uint8_t kPhysicalSegment = 0xFE;

 private:
  std::vector<Step> steps_;
};

}  // namespace ringside
