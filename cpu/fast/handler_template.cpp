#include "cpu/fast/handler_template.h"

#if defined(__x86_64__)

#include "cpu/fast/host_code.h"
#include "cpu/fast/host_liveness.h"

namespace ringside::fast {
namespace {

// The encodings of what a copy adds (Intel SDM Vol. 2).
constexpr std::uint8_t kJumpNear = 0xE9, kTwoByteOpcode = 0x0F, kBranchNear = 0x80;
constexpr std::uint8_t kRex = 0x40, kRexB = 0x41, kRexX = 0x42, kRexW = 0x48;
constexpr std::uint8_t kDisplacement = 0x80, kRdi = 7;
constexpr std::uint8_t kMoveByte = 0xB0, kMoveDword = 0xB8, kMoveSigned = 0xC7;
constexpr std::uint8_t kAluGroup = 0x03, kAluImmediate = 0x81, kRegister = 0xC0;

/// The copy that is made of a handler's code.
class Layout {
 public:
  Layout(const HostCode& code, const HostLiveness& liveness) : code_(code), liveness_(liveness) {}
  HandlerTemplate lay_out(HostAddress entry);

 private:
  void trace(HostAddress at, TemplatePart& part);
  void copy(HostAddress at, TemplatePart& part);
  bool fold(HostAddress at, TemplatePart& part);
  bool name_operand(HostAddress at, TemplatePart& part);
  void add_jump(TemplatePart& part, HostAddress target);
  void add_branch(TemplatePart& part, HostAddress target, std::uint8_t condition);
  void add_target(TemplatePart& part, HostAddress target);
  void resolve(TemplatePart& part);
  bool omissible(HostAddress at, bool main) const;

  struct Place {
    Fixup::Kind part;
    std::uint32_t offset;
  };
  const HostCode& code_;
  const HostLiveness& liveness_;
  std::map<HostAddress, Place> placed_;
  std::vector<HostAddress> open_;  // branch targets that may have no place yet
  HandlerTemplate result_;
};

void Layout::add_target(TemplatePart& part, HostAddress target) {
  Fixup fixup;
  fixup.kind = is_exit(target) ? Fixup::Kind::kAbsolute : Fixup::Kind::kUnresolved;
  fixup.offset = static_cast<std::uint32_t>(part.code.size());
  fixup.target = target;
  part.fixups.push_back(fixup);
  part.code.insert(part.code.end(), 4, 0);
  if (!is_exit(target)) open_.push_back(target);
}

void Layout::add_jump(TemplatePart& part, HostAddress target) {
  part.code.push_back(kJumpNear);
  add_target(part, target);
}

void Layout::add_branch(TemplatePart& part, HostAddress target, std::uint8_t condition) {
  part.code.push_back(kTwoByteOpcode);
  part.code.push_back(static_cast<std::uint8_t>(kBranchNear | condition));
  add_target(part, target);
}

/// An instruction as it is; only what is relative to it has to follow it.
void Layout::copy(HostAddress at, TemplatePart& part) {
  const HostInstruction& i = code_.at(at);
  const auto offset = static_cast<std::uint32_t>(part.code.size());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(at);
  part.code.insert(part.code.end(), bytes, bytes + i.info.length);
  if ((i.info.attributes & ZYDIS_ATTRIB_IS_RELATIVE) == 0) return;
  Fixup fixup;
  unsigned field = i.info.raw.disp.offset;  // [RIP + displacement]
  fixup.target = i.next + static_cast<HostAddress>(i.info.raw.disp.value);
  if (i.info.raw.imm[0].is_relative != 0) {  // CALL
    field = i.info.raw.imm[0].offset;
    fixup.target = i.target;
  }
  fixup.offset = offset + field;
  fixup.tail = static_cast<std::uint8_t>(i.info.length - field - 4);
  part.fixups.push_back(fixup);
}

/// An instruction that reads one of the op's constant fields becomes one with an immediate. False where it is none.
bool Layout::fold(HostAddress at, TemplatePart& part) {
  const auto field = code_.constant_field(at);
  if (!field) return false;
  const HostInstruction& i = code_.at(at);
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

/// [cpu + register], or with a displacement, where the register holds a byte of the op, becomes [cpu + constant].
bool Layout::name_operand(HostAddress at, TemplatePart& part) {
  const auto field = liveness_.named_operands.find(at);
  if (field == liveness_.named_operands.end()) return false;
  const HostInstruction& i = code_.at(at);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(at);
  const auto start = part.code.size();
  part.code.insert(part.code.end(), bytes, bytes + i.info.raw.modrm.offset);
  if ((i.info.attributes & ZYDIS_ATTRIB_HAS_REX) != 0)
    part.code[start + i.info.raw.rex.offset] &= static_cast<std::uint8_t>(~((kRexX | kRexB) & ~kRex));
  part.code.push_back(static_cast<std::uint8_t>(kDisplacement | i.info.raw.modrm.reg << 3 | kRdi));
  part.fixups.push_back({Fixup::Kind::kOffset, 0, static_cast<std::uint32_t>(part.code.size()), field->second});
  const std::uint8_t* rest = bytes + i.info.raw.sib.offset + 1;
  if (i.info.raw.disp.size == 0) part.code.insert(part.code.end(), 4, 0);
  part.code.insert(part.code.end(), rest, bytes + i.info.length);
  return true;
}

/// Whether an instruction is of no use in a copy.
bool Layout::omissible(HostAddress at, bool main) const {
  if (liveness_.dead.count(at) != 0 || code_.is_needless_save(at)) return true;
  const auto load = code_.handler_loads().find(at);
  return load != code_.handler_loads().end() && (main || load->second == result_.step);
}

/// Copies along the straight line from `at`; at a branch, along the side that leads to the next op.
void Layout::trace(HostAddress at, TemplatePart& part) {
  const bool main = &part == &result_.main;
  for (;;) {
    if (is_exit(at) || placed_.count(at) != 0) return add_jump(part, at);
    const HostInstruction& i = code_.at(at);
    placed_[at] = {main ? Fixup::Kind::kMain : Fixup::Kind::kSide, static_cast<std::uint32_t>(part.code.size())};
    if (i.jump) {
      at = i.target;
      continue;
    }
    if (i.branch) {
      const auto condition = static_cast<std::uint8_t>(i.info.opcode & 0x0F);
      const bool turn = !code_.reaches_next(i.next) && !is_exit(i.target) && code_.reaches_next(i.target);
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
    if (!omissible(at, main) && !fold(at, part) && !name_operand(at, part)) copy(at, part);
    if (i.ends) return;
    at = i.next;
  }
}

void Layout::resolve(TemplatePart& part) {
  for (Fixup& fixup : part.fixups) {
    if (fixup.kind != Fixup::Kind::kUnresolved) continue;
    const Place& place = placed_.at(fixup.target);
    fixup.kind = place.part;
    fixup.target = place.offset;
  }
}

HandlerTemplate Layout::lay_out(HostAddress entry) {
  trace(entry, result_.main);
  while (!open_.empty()) {
    const HostAddress at = open_.back();
    open_.pop_back();
    if (placed_.count(at) == 0) trace(at, result_.side);
  }
  resolve(result_.main);
  resolve(result_.side);
  return std::move(result_);
}

HandlerTemplate jump_to(HostAddress handler) {
  HandlerTemplate t;
  t.main.code = {kJumpNear, 0, 0, 0, 0};
  t.main.fixups.push_back({Fixup::Kind::kAbsolute, 0, 1, handler});
  return t;
}

}  // namespace

HandlerTemplate make_template(Handler handler, Passed wanted) {
  const auto entry = reinterpret_cast<HostAddress>(handler);
  HostCode code;
  if (is_exit(entry) || !code.read(entry)) return jump_to(entry);
  const HostLiveness liveness = find_liveness(code, entry, wanted);
  HandlerTemplate made = Layout(code, liveness).lay_out(entry);
  made.needs = liveness.needs;
  return made;
}

}  // namespace ringside::fast

#else

namespace ringside::fast {

/// Never asked for: BlockCode has no memory on such a host.
HandlerTemplate make_template(Handler, Passed) { return {}; }

}  // namespace ringside::fast

#endif
