// The decoded form of an instruction, and the blocks that decoded instructions are kept in.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringside {

struct Cpu;
struct Op;
struct Block;

/// A fast handler: performs `op` and tail-calls the handler of the op that follows. The lazy flags and
/// the remaining budget travel in argument registers (see fast/fast.h).
using Handler = void (*)(Cpu* cpu, const Op* op, std::int64_t budget, std::uint64_t result,
                         std::uint64_t vector, std::uint64_t last);

/// An instruction of the reference executor: complete, legible, may throw Fault. On entry `cpu.eip`
/// already is the next instruction's offset.
using ExactFn = void (*)(Cpu& cpu, const Op& op);

enum OpFlag : std::uint8_t {
  kOperand32 = 1 << 0,  ///< operand size is 32 bits, not 16
  kAddress32 = 1 << 1,  ///< address size is 32 bits, not 16
  kLock = 1 << 2,       ///< LOCK prefix
  kRep = 1 << 3,        ///< F3h prefix
  kRepne = 1 << 4,      ///< F2h prefix
  kMemory = 1 << 5,     ///< the ModR/M operand is in memory
  kStack32 = 1 << 6,    ///< SS.B: the stack pointer is ESP, not SP
  kLastIsSource = 1 << 7,  ///< fast path: behind this op `last` is the register in op.src, not op.dst
};

/// One decoded instruction. `dst`, `src`, `base` and `index` are byte offsets into the register file
/// (Cpu::gpr): AH is AL + 1, and "no register" is the slot behind EDI that always holds 0.
///
/// Which of `dst` and `src` is the ModR/M r/m operand and which the reg field follows from the opcode's
/// row (OpcodeRow::rm_is_source): E,G and E,I forms have r/m in `dst`; G,E forms have it in `src`.
struct Op {
  Handler handler;
  union {
    struct {
      std::uint8_t dst, src, base, index;
    };
    std::uint32_t target;  ///< near branches: EIP of the destination
  };
  std::uint8_t scale;      ///< the index is shifted left by this
  std::uint8_t length;     ///< bytes of the instruction
  std::uint8_t remaining;  ///< instructions from this one to the block's end, this one included
  std::uint8_t seg;        ///< SegReg of the memory operand
  union {
    struct {
      std::uint32_t imm;   ///< immediate, sign-extended where the instruction says so
      std::uint32_t disp;  ///< displacement; second immediate (ENTER's level, a far pointer's selector)
    };
    Block* link;           ///< near branches: the destination's block, or the unresolved block
  };
  std::uint32_t eip;       ///< offset of the instruction in its code segment
  std::uint16_t id;        ///< index of its row and operand size: see exact_table
  std::uint8_t flags;      ///< OpFlag
  std::uint8_t extra;      ///< the ModR/M byte if there is one, else the last opcode byte
};
static_assert(sizeof(Op) == 32);

/// A straight run of decoded instructions on one physical page, entered only at its head. It ends after a
/// branch that is always taken, an instruction that may change the mode, or at the page's end; a
/// conditional branch that is not taken goes on inside.
struct Block {
  std::int64_t count;       ///< instructions in it = ticks to enter; kDead when it must not be entered
  std::uint32_t eip;        ///< offset of the first instruction
  std::uint32_t linear;     ///< its linear address
  std::uint32_t mode;       ///< the mode key that it was decoded under
  std::uint32_t phys_page;  ///< number of the physical page that holds it
  std::uint32_t bytes;      ///< length in bytes
  std::uint32_t length;     ///< `count` as decoded
  Block* next_in_page;
  Block* next_in_hash;
  std::uint32_t linear_page;  ///< page of `linear`, as a TLB tag
  std::uint32_t cold;       ///< entries left until the block is warm (fast/block_code.h)
  Handler first;            ///< handler of the first op, for which count_entry stands in while the block is cold
  std::uint64_t pad;        ///< see the assertion below
  Op ops[1];                ///< `length` ops, then one that continues at the next block

  /// More than any budget: entering such a block always fails the budget test, which leads to the slow
  /// path, where the block is looked up anew. So cutting a block off costs no search for its predecessors.
  static constexpr std::int64_t kDead = std::int64_t{1} << 62;
};
// In a handler's machine code, going to the next op and entering another block must not look alike
// (fast/handler_template.cpp).
static_assert(offsetof(Block, ops) % sizeof(Op) != 0);

}  // namespace ringside
