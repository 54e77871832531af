// The machine code of a fast handler as a graph of instructions.
#pragma once

#if defined(__x86_64__)

#include <Zydis/Zydis.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "cpu/op.h"

namespace ringside::fast {

using HostAddress = std::uint64_t;

struct HostInstruction {
  ZydisDecodedInstruction info;
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
  HostAddress next = 0;    ///< address behind it
  HostAddress target = 0;  ///< of a direct branch
  bool branch = false;     ///< conditional direct branch
  bool jump = false;       ///< unconditional direct jump
  bool ends = false;       ///< nothing follows: indirect jump, return, trap
  unsigned step = 0;       ///< indirect jump that is the dispatch to the op so many further on
};

/// Functions that handlers leave through: jumped to, never copied.
bool is_exit(HostAddress address);
/// Whether the operand is this general register or a part of it.
bool is_register(const ZydisDecodedOperand& operand, ZydisRegister reg);
/// Displacement of a plain [op + displacement] operand.
std::optional<std::int64_t> op_field(const ZydisDecodedOperand& operand);

class HostCode {
 public:
  /// False where the code at `entry` is none that can be taken apart.
  bool read(HostAddress entry);

  const std::map<HostAddress, HostInstruction>& instructions() const { return code_; }
  const HostInstruction& at(HostAddress address) const { return code_.at(address); }
  /// Where branches and jumps go to.
  const std::set<HostAddress>& targets() const { return targets_; }
  /// Loads of the next op's handler, with the step of their dispatch.
  const std::map<HostAddress, unsigned>& handler_loads() const { return handler_loads_; }
  /// Whether the instruction only saves or restores a register that fast::enter has saved already.
  bool is_needless_save(HostAddress at) const;
  /// Whether some way from here leads to a dispatch.
  bool reaches_next(HostAddress at) const;
  /// The constant field of the handler's op, or of one behind it, that an instruction reads as its second
  /// operand: its offset.
  std::optional<std::uint64_t> constant_field(HostAddress at) const;

 private:
  bool read_one(HostAddress at, std::vector<HostAddress>& open);
  void find_dispatch(HostAddress at);
  void follow_op(HostAddress entry);
  void look_at_stack();
  bool reaches_next(HostAddress at, std::set<HostAddress>& seen) const;

  std::map<HostAddress, HostInstruction> code_;
  std::map<HostAddress, HostAddress> before_;  // the instruction that an instruction is the fall-through of
  std::set<HostAddress> targets_;
  std::map<HostAddress, unsigned> handler_loads_;
  bool only_saves_ = false;  // the stack is used for nothing but saving registers
  std::map<HostAddress, std::optional<std::int64_t>> op_at_;  // op pointer less the handler's own op, where known
};

}  // namespace ringside::fast

#endif
