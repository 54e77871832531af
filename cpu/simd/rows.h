// The rows of the opcode table that a mandatory prefix selects: 0F xx after none of 66, F3, F2, or after one.
// opcodes.cpp puts them into the table.
#pragma once

#include <cstdint>
#include <span>

#include "cpu/opcodes.h"

namespace ringside::simd {

/// F3 and F2 take precedence over 66; of F3 and F2 the last counts.
enum class Prefix : std::uint8_t { kNone, k66, kF3, kF2 };

struct Row {
  std::uint8_t opcode;  ///< behind 0F
  Prefix prefix;
  const char* mnemonic;
  std::uint32_t encoding;
  ExactFn exact;
  std::uint64_t feature;
  std::int8_t reg = -1;  ///< ModR/M.reg where it belongs to the opcode
};

// Operands as SDM Vol. 2D, "Opcode Map", names them; V and W stand for P and Q too.
constexpr std::uint32_t kVW = kModRM | kRmSource | kDstVector | kSrcVector;
constexpr std::uint32_t kWV = kModRM | kDstVector | kSrcVector;
constexpr std::uint32_t kVE = kModRM | kRmSource | kDstVector;  ///< xmm or mm from a general register or memory
constexpr std::uint32_t kEV = kModRM | kSrcVector;
constexpr std::uint32_t kGW = kModRM | kRmSource | kSrcVector;  ///< general register from xmm or mm (or memory)

std::span<const Row> move_rows();     // rows_move.cpp
std::span<const Row> integer_rows();  // rows_integer.cpp
std::span<const Row> float_rows();    // rows_float.cpp

}  // namespace ringside::simd
