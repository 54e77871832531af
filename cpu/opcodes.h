// The opcode table: one row per opcode feeds the decoder, both executors, and the tests.
#pragma once

#include <cstdint>
#include <span>

#include "cpu/cpu_model.h"
#include "cpu/op.h"

namespace ringside {

/// How an instruction's bytes become operands; a combination of these.
enum Encoding : std::uint32_t {
  kModRM = 1 << 0,
  kRmSource = 1 << 1,    ///< r/m is op.src and the reg field op.dst; otherwise the other way round
  kDstByte = 1 << 2,     ///< the register in op.dst is a byte register
  kSrcByte = 1 << 3,
  kRegInOpcode = 1 << 4, ///< op.dst is the register in the opcode's low three bits
  kMemoryOnly = 1 << 5,  ///< #UD for a register operand
  kRegisterOnly = 1 << 6,///< ModR/M.mod is ignored and taken as 11b (MOV CR, MOV DR)
  kSrcAccumulator = 1 << 7,
  // Immediates
  kImmMask = 15 << 8,
  kImmNone = 0 << 8,
  kImmByte = 1 << 8,       ///< zero-extended
  kImmByteSigned = 2 << 8, ///< sign-extended to the operand size
  kImmWord = 3 << 8,
  kImmFull = 4 << 8,       ///< Iz: operand size
  kRelByte = 5 << 8,       ///< Jb
  kRelFull = 6 << 8,       ///< Jz
  kFarPointer = 7 << 8,    ///< Ap
  kMoffs = 8 << 8,         ///< direct memory offset, address size
  kImmWordByte = 9 << 8,   ///< ENTER
  kImmOne = 10 << 8,       ///< the implied count of D0, D1
  // What the instruction is
  kLockable = 1 << 12,
  kEndsBlock = 1 << 13,    ///< always leaves the straight line, or may change what decoding depends on
  kByteOperation = 1 << 14,///< operates on bytes: the fast path picks its 8-bit handlers
  kSegOperand = 1 << 15,   ///< op.seg is the segment register in bits 3-5 of the opcode, not a memory segment
  kDestinationStack = 1 << 16,  ///< POP Ev: the address is computed with the popped ESP
  kDstVector = 1 << 17,    ///< the register in op.dst is an MMX or XMM register: op.dst is 16 times its number
  kSrcVector = 1 << 18,
  kNoMemory = 1 << 19,     ///< #UD for a memory operand
};

/// The family of fast handlers that may execute an opcode; kExact where there is none.
enum class Fast : std::uint8_t {
  kExact,
  kAluRmReg, kAluRegRm, kAluRmImm,   // row.variant: alu::Op
  kTestRmReg, kTestRmImm,
  kInc, kDec, kNot, kNeg,
  kMovRmReg, kMovRegRm, kMovRmImm,
  kMovzx, kMovsx,                    // row.variant: source bytes
  kLea, kXchg,
  kShiftImm, kShiftCl,               // row.variant: shift::Op
  kShld, kShrd, kShldCl, kShrdCl,
  kImulRegRm, kImulRegRmImm, kMul, kImul, kDiv,
  kPush, kPushImm, kPop, kPushRm,
  kJcc, kJmp, kCall, kRet, kRetImm, kJmpRm, kCallRm, kJcxz, kLoop,
  kCmov, kSetcc,
  kCbw, kCwd, kNop, kLeave, kBswap,
  kBitReg, kBitImm, kBsf, kBsr,
  kCarryFlag,                        // row.variant: 0 CLC, 1 STC, 2 CMC
  kDirectionFlag,                    // row.variant: 0 CLD, 1 STD
  kCli, kSti, kPushf, kPopf,
  kCmpxchg, kXadd,
  kSimd,                             // by the row's exact body: fast/simd.cpp
  kX87,                              // by ModR/M: fast/x87.cpp
};

struct OpcodeRow {
  const char* mnemonic = nullptr;  ///< nullptr: not defined
  std::uint32_t encoding = 0;
  ExactFn exact16 = nullptr;
  ExactFn exact32 = nullptr;
  Fast fast = Fast::kExact;
  std::uint8_t variant = 0;
  std::uint64_t feature = 0;       ///< Feature bits that the model must have, else #UD
  std::int16_t group = -1;         ///< first of eight rows chosen by ModR/M.reg, or -1
  std::int16_t prefixed = -1;      ///< first of four rows chosen by the prefix (none, 66, F3, F2), or -1
};

/// One-byte opcodes are rows 0..255, 0F xx rows 256..511; then the groups, and the rows that a mandatory prefix
/// selects, fours of them behind an opcode of 0F xx.
std::span<const OpcodeRow> opcode_rows();

/// The exact function of Op::id (row * 2 + operand size).
extern ExactFn exact_table[];
inline ExactFn exact_function(std::uint16_t id) { return exact_table[id]; }
inline std::uint16_t row_of(std::uint16_t id) { return static_cast<std::uint16_t>(id >> 1); }

}  // namespace ringside
