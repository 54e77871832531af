#include "cpu/fast/host_liveness.h"

#if defined(__x86_64__)

namespace ringside::fast {
namespace {

/// A bit for each general register in the order of their encodings, and one for the host's flags.
using Registers = std::uint32_t;

constexpr unsigned kFlagsBit = 16;

constexpr Registers bit(unsigned number) { return Registers{1} << number; }

unsigned number_of(ZydisRegister reg) {
  return static_cast<unsigned>(
      ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg)));
}

bool is_general(ZydisRegister reg) {
  switch (ZydisRegisterGetClass(reg)) {
    case ZYDIS_REGCLASS_GPR8:
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64: return true;
    default: return false;
  }
}

// System V AMD64 psABI: arguments and what a function preserves.
constexpr unsigned kRcx = 1, kRdx = 2, kRbx = 3, kRsp = 4, kRbp = 5, kRsi = 6, kRdi = 7, kR8 = 8, kR9 = 9, kR12 = 12;
constexpr Registers kPreserved = bit(kRbx) | bit(kRsp) | bit(kRbp) | Registers{0xF} << kR12;
constexpr Registers kFlagWords = bit(kRcx) | bit(kR8);
/// Whoever is left for, another block or the run loop, forwards no result from here: `last` is of no use there.
constexpr Registers kAtExit = kPreserved | bit(kRdi) | bit(kRsi) | bit(kRdx) | kFlagWords;
constexpr Registers kEverything = (bit(kFlagsBit) << 1) - 1;

Registers registers_of(Passed passed) {
  return ((passed & kPassedResult) != 0 ? bit(kRcx) : 0) | ((passed & kPassedVector) != 0 ? bit(kR8) : 0) |
         ((passed & kPassedLast) != 0 ? bit(kR9) : 0);
}

Passed passed_in(Registers live) {
  return static_cast<Passed>(((live & bit(kRcx)) != 0 ? kPassedResult : 0) |
                             ((live & bit(kR8)) != 0 ? kPassedVector : 0) |
                             ((live & bit(kR9)) != 0 ? kPassedLast : 0));
}

struct Effects {
  Registers reads = 0;
  Registers kills = 0;    ///< overwritten whole
  Registers touches = 0;  ///< written, perhaps in part or only sometimes
  bool pure = true;       ///< has no effect but on registers
};

bool leaves_pure(const HostInstruction& i) {
  switch (i.info.meta.category) {
    case ZYDIS_CATEGORY_CALL:
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_COND_BR:
    case ZYDIS_CATEGORY_UNCOND_BR:
    case ZYDIS_CATEGORY_PUSH:
    case ZYDIS_CATEGORY_POP:
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_INTERRUPT: return false;
    default: return !i.ends;
  }
}

/// A register is exclusive-ored with itself, or subtracted: that is a zero, and reads nothing.
bool clears(const HostInstruction& i) {
  return (i.info.mnemonic == ZYDIS_MNEMONIC_XOR || i.info.mnemonic == ZYDIS_MNEMONIC_SUB) &&
         i.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER && i.operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
         i.operands[0].reg.value == i.operands[1].reg.value && i.operands[0].size >= 32;
}

void add_host_flags(const HostInstruction& i, Effects& e) {
  if (i.info.cpu_flags == nullptr) return;
  constexpr ZydisAccessedFlagsMask kAll = ZYDIS_CPUFLAG_CF | ZYDIS_CPUFLAG_PF | ZYDIS_CPUFLAG_ZF | ZYDIS_CPUFLAG_SF | ZYDIS_CPUFLAG_OF;
  const ZydisAccessedFlags& f = *i.info.cpu_flags;
  const ZydisAccessedFlagsMask written = f.modified | f.set_0 | f.set_1 | f.undefined;
  if (f.tested != 0) e.reads |= bit(kFlagsBit);
  if (written != 0) e.touches |= bit(kFlagsBit);
  // A shift by a register that is 0 leaves the flags alone.
  if ((written & kAll) == kAll && i.info.meta.category != ZYDIS_CATEGORY_SHIFT && i.info.meta.category != ZYDIS_CATEGORY_ROTATE)
    e.kills |= bit(kFlagsBit);
}

void add_register(const ZydisDecodedOperand& operand, Effects& e) {
  const ZydisRegister reg = operand.reg.value;
  if (!is_general(reg)) {
    const ZydisRegisterClass kind = ZydisRegisterGetClass(reg);
    if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0 && kind != ZYDIS_REGCLASS_FLAGS && kind != ZYDIS_REGCLASS_IP)
      e.pure = false;
    return;
  }
  const Registers r = bit(number_of(reg));
  if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0) e.reads |= r;
  if ((operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) == 0) return;
  e.touches |= r;
  if ((operand.actions & ZYDIS_OPERAND_ACTION_CONDWRITE) == 0 && operand.size >= 32) e.kills |= r;
}

Effects effects_of(const HostInstruction& i, bool named_operand) {
  Effects e;
  e.pure = leaves_pure(i);
  if (i.info.meta.category == ZYDIS_CATEGORY_CALL) {
    e.reads = kEverything;
    return e;
  }
  for (unsigned o = 0; o < i.info.operand_count; ++o) {
    const ZydisDecodedOperand& operand = i.operands[o];
    if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER) {
      add_register(operand, e);
    } else if (operand.type == ZYDIS_OPERAND_TYPE_MEMORY) {
      if (operand.mem.type == ZYDIS_MEMOP_TYPE_MEM && (operand.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0) e.pure = false;
      if (named_operand) {
        e.reads |= bit(kRdi);
        continue;
      }
      for (const ZydisRegister reg : {operand.mem.base, operand.mem.index})
        if (reg != ZYDIS_REGISTER_NONE && is_general(reg)) e.reads |= bit(number_of(reg));
    }
  }
  add_host_flags(i, e);
  if (clears(i)) e.reads &= ~bit(number_of(i.operands[0].reg.value));
  if ((e.touches & bit(kRsp)) != 0) e.pure = false;
  return e;
}

/// The register other than `cpu` in an operand [cpu + register] or [cpu + register + displacement of 32
/// bits] that can be written as [cpu + constant].
std::optional<unsigned> named_register(const HostInstruction& i) {
  if (i.info.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY || i.info.raw.sib.offset == 0 ||
      (i.info.raw.modrm.mod != 0 && i.info.raw.modrm.mod != 2))
    return std::nullopt;
  for (unsigned o = 0; o < i.info.operand_count_visible; ++o) {
    const ZydisDecodedOperandMem& mem = i.operands[o].mem;
    if (i.operands[o].type != ZYDIS_OPERAND_TYPE_MEMORY || mem.type != ZYDIS_MEMOP_TYPE_MEM || mem.scale != 1)
      continue;
    if (mem.base == ZYDIS_REGISTER_RDI && mem.index != ZYDIS_REGISTER_NONE) return number_of(mem.index);
    if (mem.index == ZYDIS_REGISTER_RDI && mem.base != ZYDIS_REGISTER_NONE) return number_of(mem.base);
  }
  return std::nullopt;
}

/// Follows bytes of the op from where they are loaded to the operands that they name, on straight lines only.
void find_named_operands(const HostCode& code, HostAddress from, HostLiveness& found) {
  std::map<unsigned, std::uint64_t> bytes;  // by register
  for (HostAddress at = from;;) {
    const HostInstruction& i = code.at(at);
    if (const auto reg = named_register(i); reg && bytes.count(*reg) != 0) found.named_operands[at] = bytes[*reg];
    const Effects e = effects_of(i, false);
    if (i.info.meta.category == ZYDIS_CATEGORY_CALL) bytes.clear();
    for (unsigned n = 0; n < kFlagsBit; ++n)
      if ((e.touches & bit(n)) != 0) bytes.erase(n);
    const auto field = code.constant_field(at);
    if (field && i.info.mnemonic == ZYDIS_MNEMONIC_MOVZX && i.operands[1].size == 8 && i.operands[0].size >= 32)
      bytes[number_of(i.operands[0].reg.value)] = *field;
    if (i.ends || i.jump || code.targets().count(i.next) != 0) return;
    at = i.next;
  }
}

}  // namespace

HostLiveness find_liveness(const HostCode& code, HostAddress entry, Passed wanted) {
  HostLiveness found;
  find_named_operands(code, entry, found);
  std::set<unsigned> steps;
  for (const HostAddress target : code.targets()) find_named_operands(code, target, found);
  std::map<HostAddress, Effects> effects;
  for (const auto& [at, i] : code.instructions()) {
    effects[at] = effects_of(i, found.named_operands.count(at) != 0);
    if (i.step != 0) steps.insert(i.step);
  }
  const Registers next = kAtExit & ~kFlagWords;
  const Registers at_dispatch = next | registers_of(steps.size() == 1 ? wanted : kPassedAll);
  std::map<HostAddress, Registers> live, live_after;
  const auto live_at = [&](HostAddress at) { return is_exit(at) ? kAtExit : live[at]; };
  for (bool changed = true; changed;) {
    changed = false;
    for (auto i = code.instructions().rbegin(); i != code.instructions().rend(); ++i) {
      const auto& [at, instruction] = *i;
      Registers after = 0;
      // A jump that was not recognised may be a dispatch too.
      if (instruction.ends) after = instruction.step != 0 ? at_dispatch : kAtExit | bit(kR9);
      if (instruction.branch || instruction.jump) after |= live_at(instruction.target);
      if (!instruction.ends && !instruction.jump) after |= live_at(instruction.next);
      const Effects& e = effects[at];
      // What has no use needs nothing either.
      const bool useless = e.pure && (e.touches & after) == 0;
      const Registers before = useless ? after : (after & ~e.kills) | e.reads;
      changed |= before != live[at];
      live[at] = before;
      live_after[at] = after;
    }
  }
  for (const auto& [at, e] : effects)
    if (e.pure && (e.touches & live_after[at]) == 0) found.dead.insert(at);
  found.needs = passed_in(live_at(entry));
  return found;
}

}  // namespace ringside::fast

#endif
