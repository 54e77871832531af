#include "cpu/fast/handler_template.h"

#if defined(__x86_64__)

#include <Zydis/Zydis.h>

#include <array>
#include <map>
#include <optional>
#include <set>

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

using Address = std::uint64_t;

/// More instructions than any handler that is worth copying has.
constexpr std::size_t kMostInstructions = 160;

struct Instruction {
  ZydisDecodedInstruction info;
  std::array<ZydisDecodedOperand, ZYDIS_MAX_OPERAND_COUNT> operands;
  Address next = 0;     ///< address behind it
  Address target = 0;   ///< of a direct branch
  bool branch = false;  ///< conditional direct branch
  bool jump = false;    ///< unconditional direct jump
  bool ends = false;    ///< nothing follows: indirect jump, return, trap
  unsigned step = 0;    ///< indirect jump that is the dispatch to the op so many further on
};

Address address_of(Handler handler) { return reinterpret_cast<Address>(handler); }

/// Functions that handlers leave through: jumped to, never copied.
bool is_exit(Address address) {
  return address == address_of(exact_op) || address == address_of(leave_at_branch) ||
         address == address_of(leave_unlinked);
}

bool is_register(const ZydisDecodedOperand& operand, ZydisRegister reg) {
  return operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
         ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand.reg.value) == reg;
}

// The encodings of what a copy adds (Intel SDM Vol. 2).
constexpr std::uint8_t kJumpNear = 0xE9, kTwoByteOpcode = 0x0F, kBranchNear = 0x80;
constexpr std::uint8_t kRex = 0x40, kRexB = 0x41, kRexW = 0x48;
constexpr std::uint8_t kMoveByte = 0xB0, kMoveDword = 0xB8, kMoveSigned = 0xC7;
constexpr std::uint8_t kAluGroup = 0x03, kAluImmediate = 0x81, kRegister = 0xC0;

/// The op pointer is the second integer argument (System V AMD64 psABI).
constexpr ZydisRegister kOpRegister = ZYDIS_REGISTER_RSI;

/// Displacement of a plain [op + displacement] operand.
std::optional<std::int64_t> op_field(const ZydisDecodedOperand& operand) {
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || operand.mem.type != ZYDIS_MEMOP_TYPE_MEM ||
      operand.mem.base != kOpRegister || operand.mem.index != ZYDIS_REGISTER_NONE)
    return std::nullopt;
  return operand.mem.disp.has_displacement ? operand.mem.disp.value : 0;
}

std::optional<unsigned> ops_in(std::int64_t bytes) {
  constexpr std::int64_t kOp = sizeof(Op);
  if (bytes <= 0 || bytes % kOp != 0 || bytes / kOp > 3) return std::nullopt;
  return static_cast<unsigned>(bytes / kOp);
}

/// A handler's code as a graph of instructions, and the copy that is made of it.
class Code {
 public:
  bool read(Address entry);
  HandlerTemplate lay_out(Address entry);

 private:
  bool read_one(Address at, std::vector<Address>& open);
  void find_dispatch(Address at);
  void follow_op(Address entry);
  bool reaches_next(Address at, std::set<Address>& seen) const;
  bool reaches_next(Address at) const;
  void trace(Address at, TemplatePart& part);
  void copy(const Instruction& i, Address at, TemplatePart& part);
  std::optional<std::uint64_t> constant_field(const Instruction& i, Address at) const;
  bool fold(const Instruction& i, Address at, TemplatePart& part);
  void add_jump(TemplatePart& part, Address target);
  void add_branch(TemplatePart& part, Address target, std::uint8_t condition);
  void add_target(TemplatePart& part, Address target);
  void resolve(TemplatePart& part);

  struct Place {
    Fixup::Kind part;
    std::uint32_t offset;
  };
  std::map<Address, Instruction> code_;
  std::map<Address, Address> before_;       // the instruction that an instruction is the fall-through of
  std::set<Address> targets_;               // of branches and jumps
  std::map<Address, unsigned> omissible_;   // loads of the next op's handler, with the step of their dispatch
  std::map<Address, std::optional<std::int64_t>> op_at_;  // op pointer less the handler's own op, where known
  std::map<Address, Place> placed_;
  std::vector<Address> open_;               // branch targets that may have no place yet
  HandlerTemplate result_;
};

bool Code::read_one(Address at, std::vector<Address>& open) {
  static const ZydisDecoder decoder = [] {
    ZydisDecoder d;
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return d;
  }();
  Instruction i;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, reinterpret_cast<const void*>(at), ZYDIS_MAX_INSTRUCTION_LENGTH,
                                           &i.info, i.operands.data())))
    return false;
  i.next = at + i.info.length;
  const bool relative = i.info.raw.imm[0].is_relative != 0;
  if (relative) i.target = i.next + static_cast<Address>(i.info.raw.imm[0].value.s);
  switch (i.info.meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
      if (i.info.length < 2 || !relative || (i.info.opcode & 0xF0) == 0xE0) return false;  // LOOP, JRCXZ
      i.branch = true;
      break;
    case ZYDIS_CATEGORY_UNCOND_BR:
      i.jump = relative;
      i.ends = !relative;
      break;
    case ZYDIS_CATEGORY_RET:
      i.ends = true;
      break;
    default:
      i.ends = i.info.mnemonic == ZYDIS_MNEMONIC_UD2;
      break;
  }
  if ((i.branch || i.jump) && !is_exit(i.target)) {
    open.push_back(i.target);
    targets_.insert(i.target);
  }
  if (!i.ends && !i.jump) {
    open.push_back(i.next);
    before_[i.next] = at;
  }
  code_.emplace(at, i);
  return true;
}

bool Code::read(Address entry) {
  std::vector<Address> open{entry};
  while (!open.empty()) {
    const Address at = open.back();
    open.pop_back();
    if (code_.count(at) != 0) continue;
    if (code_.size() == kMostInstructions || !read_one(at, open)) return false;
  }
  for (auto& [at, instruction] : code_)
    if (instruction.ends) find_dispatch(at);
  follow_op(entry);
  return true;
}

/// Recognises `mov reg, [op + n * 32]; add op, n * 32; ...; jmp reg`, and `add op, n * 32; ...; jmp [op]`. What
/// is not recognised stays an ordinary indirect jump, which is just as right.
void Code::find_dispatch(Address at) {
  Instruction& jump = code_.at(at);
  if (jump.info.meta.category != ZYDIS_CATEGORY_UNCOND_BR) return;
  const ZydisDecodedOperand& to = jump.operands[0];
  ZydisRegister reg = ZYDIS_REGISTER_NONE;
  if (to.type == ZYDIS_OPERAND_TYPE_REGISTER) {
    reg = to.reg.value;
  } else if (op_field(to) != 0) {
    return;
  }
  unsigned moved = 0;
  constexpr int kFarthest = 8;
  for (int n = 0; n < kFarthest; ++n) {
    const auto previous = before_.find(at);
    if (targets_.count(at) != 0 || previous == before_.end()) return;
    at = previous->second;
    const Instruction& i = code_.at(at);
    if (i.branch) return;
    if (moved == 0 && i.info.mnemonic == ZYDIS_MNEMONIC_ADD && is_register(i.operands[0], kOpRegister) &&
        i.operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
      const auto ops = ops_in(i.operands[1].imm.value.s);
      if (!ops) return;
      moved = *ops;
      if (reg == ZYDIS_REGISTER_NONE) {
        jump.step = moved;
        return;
      }
      continue;
    }
    if (moved != 0 && i.info.mnemonic == ZYDIS_MNEMONIC_MOV && i.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        i.operands[0].reg.value == reg) {
      const auto field = op_field(i.operands[1]);
      if (!field || ops_in(*field) != moved) return;
      jump.step = moved;
      omissible_[at] = moved;
      return;
    }
    for (unsigned o = 0; o < i.info.operand_count; ++o)
      if (is_register(i.operands[o], kOpRegister) || (reg != ZYDIS_REGISTER_NONE && is_register(i.operands[o], reg))) return;
    for (unsigned o = 0; o < i.info.operand_count; ++o)
      if (i.operands[o].type == ZYDIS_OPERAND_TYPE_MEMORY && reg != ZYDIS_REGISTER_NONE &&
          (i.operands[o].mem.base == reg || i.operands[o].mem.index == reg))
        return;
  }
}

/// Where the op pointer points at every instruction: ahead of the handler's op by so many bytes, or elsewhere.
void Code::follow_op(Address entry) {
  std::vector<std::pair<Address, std::optional<std::int64_t>>> open{{entry, 0}};
  while (!open.empty()) {
    auto [at, ahead] = open.back();
    open.pop_back();
    if (is_exit(at)) continue;
    const auto [known, fresh] = op_at_.emplace(at, ahead);
    if (!fresh) {
      if (known->second == ahead || !known->second) continue;
      known->second = ahead = std::nullopt;  // two ways lead here
    }
    const Instruction& i = code_.at(at);
    for (unsigned o = 0; o < i.info.operand_count; ++o) {
      const ZydisDecodedOperand& operand = i.operands[o];
      if (!is_register(operand, kOpRegister) || (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) continue;
      const bool moves = i.info.mnemonic == ZYDIS_MNEMONIC_ADD && operand.size == 64 &&
                         i.operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && ahead.has_value();
      ahead = moves ? std::optional(*ahead + i.operands[1].imm.value.s) : std::nullopt;
      break;
    }
    if (i.info.mnemonic == ZYDIS_MNEMONIC_CALL) ahead = std::nullopt;
    if (i.jump || i.branch) open.emplace_back(i.target, ahead);
    if (!i.ends && !i.jump) open.emplace_back(i.next, ahead);
  }
}

bool Code::reaches_next(Address at, std::set<Address>& seen) const {
  if (is_exit(at) || !seen.insert(at).second) return false;
  const Instruction& i = code_.at(at);
  if (i.ends) return i.step != 0;
  if (i.jump) return reaches_next(i.target, seen);
  return reaches_next(i.next, seen) || (i.branch && reaches_next(i.target, seen));
}

bool Code::reaches_next(Address at) const {
  std::set<Address> seen;
  return reaches_next(at, seen);
}

void Code::add_target(TemplatePart& part, Address target) {
  Fixup fixup;
  fixup.kind = is_exit(target) ? Fixup::Kind::kAbsolute : Fixup::Kind::kUnresolved;
  fixup.offset = static_cast<std::uint32_t>(part.code.size());
  fixup.target = target;
  part.fixups.push_back(fixup);
  part.code.insert(part.code.end(), 4, 0);
  if (!is_exit(target)) open_.push_back(target);
}

void Code::add_jump(TemplatePart& part, Address target) {
  part.code.push_back(kJumpNear);
  add_target(part, target);
}

void Code::add_branch(TemplatePart& part, Address target, std::uint8_t condition) {
  part.code.push_back(kTwoByteOpcode);
  part.code.push_back(static_cast<std::uint8_t>(kBranchNear | condition));
  add_target(part, target);
}

/// An instruction as it is; only what is relative to it has to follow it.
void Code::copy(const Instruction& i, Address at, TemplatePart& part) {
  const auto offset = static_cast<std::uint32_t>(part.code.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(at);
  part.code.insert(part.code.end(), bytes, bytes + i.info.length);
  if ((i.info.attributes & ZYDIS_ATTRIB_IS_RELATIVE) == 0) return;
  Fixup fixup;
  unsigned field = i.info.raw.disp.offset;  // [RIP + displacement]
  fixup.target = i.next + static_cast<Address>(i.info.raw.disp.value);
  if (i.info.raw.imm[0].is_relative != 0) {  // CALL
    field = i.info.raw.imm[0].offset;
    fixup.target = i.target;
  }
  fixup.offset = offset + field;
  fixup.tail = static_cast<std::uint8_t>(i.info.length - field - 4);
  part.fixups.push_back(fixup);
}

/// The constant field of the op, or of one behind it, that an instruction reads as its second operand.
std::optional<std::uint64_t> Code::constant_field(const Instruction& i, Address at) const {
  if (i.info.operand_count_visible != 2 || i.operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER || !op_at_.at(at))
    return std::nullopt;
  const auto field = op_field(i.operands[1]);
  if (!field || i.operands[1].size > 32) return std::nullopt;  // the link, not constant, is read as 64 bits
  const std::int64_t offset = *field + *op_at_.at(at);
  constexpr std::int64_t kOp = sizeof(Op), kHandler = sizeof(Handler);
  if (offset < 0 || offset % kOp < kHandler) return std::nullopt;
  return static_cast<std::uint64_t>(offset);
}

/// An instruction that reads one of the op's constant fields becomes one with an immediate. False where it is none.
bool Code::fold(const Instruction& i, Address at, TemplatePart& part) {
  const auto field = constant_field(i, at);
  if (!field) return false;
  const ZydisRegister reg = i.operands[0].reg.value;
  const auto number = static_cast<std::uint8_t>(
      ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg)));
  const auto low = static_cast<std::uint8_t>(number & 7);
  const std::uint8_t rex = number >= 8 ? kRexB : 0;
  const unsigned from = i.operands[1].size, to = i.operands[0].size;
  const bool alu = (i.info.opcode & 0xC7) == kAluGroup && i.info.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT;
  std::vector<std::uint8_t> code;
  auto kind = Fixup::Kind::kDword;
  if (i.info.mnemonic == ZYDIS_MNEMONIC_MOV && from == 8 && ZydisRegisterGetClass(reg) == ZYDIS_REGCLASS_GPR8 &&
      (reg < ZYDIS_REGISTER_AH || reg > ZYDIS_REGISTER_BH)) {
    code = {static_cast<std::uint8_t>(kRex | rex), static_cast<std::uint8_t>(kMoveByte | low)};
    kind = Fixup::Kind::kByte;
  } else if ((i.info.mnemonic == ZYDIS_MNEMONIC_MOV && from == 32) || (i.info.mnemonic == ZYDIS_MNEMONIC_MOVZX && to >= 32)) {
    code = {static_cast<std::uint8_t>(kRex | rex), static_cast<std::uint8_t>(kMoveDword | low)};
    kind = from == 32 ? Fixup::Kind::kDword : from == 16 ? Fixup::Kind::kZeroWord : Fixup::Kind::kZeroByte;
  } else if (i.info.mnemonic == ZYDIS_MNEMONIC_MOVSXD && from == 32 && to == 64) {
    code = {static_cast<std::uint8_t>(kRexW | rex), kMoveSigned, static_cast<std::uint8_t>(kRegister | low)};
  } else if (alu && from == 32 && to == 32) {
    code = {static_cast<std::uint8_t>(kRex | rex), kAluImmediate,
            static_cast<std::uint8_t>(kRegister | (i.info.opcode & 0x38) | low)};
  } else {
    return false;
  }
  part.code.insert(part.code.end(), code.begin() + (code[0] == kRex && kind != Fixup::Kind::kByte ? 1 : 0), code.end());
  part.fixups.push_back({kind, 0, static_cast<std::uint32_t>(part.code.size()), *field});
  part.code.insert(part.code.end(), kind == Fixup::Kind::kByte ? 1 : 4, 0);
  return true;
}

/// Copies along the straight line from `at`; at a branch, along the side that leads to the next op.
void Code::trace(Address at, TemplatePart& part) {
  const bool main = &part == &result_.main;
  for (;;) {
    if (is_exit(at) || placed_.count(at) != 0) return add_jump(part, at);
    const Instruction& i = code_.at(at);
    placed_[at] = {main ? Fixup::Kind::kMain : Fixup::Kind::kSide, static_cast<std::uint32_t>(part.code.size())};
    if (i.jump) {
      at = i.target;
      continue;
    }
    if (i.branch) {
      const auto condition = static_cast<std::uint8_t>(i.info.opcode & 0x0F);
      const bool turn = !reaches_next(i.next) && !is_exit(i.target) && reaches_next(i.target);
      add_branch(part, turn ? i.next : i.target, turn ? condition ^ 1 : condition);
      at = turn ? i.target : i.next;
      continue;
    }
    if (i.step != 0 && main) {
      result_.step = i.step;
      return;
    }
    if (i.step != 0 && i.step == result_.step) {
      part.code.push_back(kJumpNear);
      part.fixups.push_back({Fixup::Kind::kNext, 0, static_cast<std::uint32_t>(part.code.size()), i.step});
      part.code.insert(part.code.end(), 4, 0);
      return;
    }
    const auto omissible = omissible_.find(at);
    if (omissible == omissible_.end() || !(main || omissible->second == result_.step)) {
      if (!fold(i, at, part)) copy(i, at, part);
    }
    if (i.ends) return;
    at = i.next;
  }
}

void Code::resolve(TemplatePart& part) {
  for (Fixup& fixup : part.fixups) {
    if (fixup.kind != Fixup::Kind::kUnresolved) continue;
    const Place& place = placed_.at(fixup.target);
    fixup.kind = place.part;
    fixup.target = place.offset;
  }
}

HandlerTemplate Code::lay_out(Address entry) {
  trace(entry, result_.main);
  while (!open_.empty()) {
    const Address at = open_.back();
    open_.pop_back();
    if (placed_.count(at) == 0) trace(at, result_.side);
  }
  resolve(result_.main);
  resolve(result_.side);
  return std::move(result_);
}

HandlerTemplate jump_to(Address handler) {
  HandlerTemplate t;
  t.main.code = {kJumpNear, 0, 0, 0, 0};
  t.main.fixups.push_back({Fixup::Kind::kAbsolute, 0, 1, handler});
  return t;
}

}  // namespace

HandlerTemplate make_template(Handler handler) {
  const Address entry = address_of(handler);
  Code code;
  if (is_exit(entry) || !code.read(entry)) return jump_to(entry);
  return code.lay_out(entry);
}

}  // namespace ringside::fast

#else

namespace ringside::fast {

/// Never asked for: BlockCode has no memory on such a host.
HandlerTemplate make_template(Handler) { return {}; }

}  // namespace ringside::fast

#endif
