#include "cpu/fast/host_code.h"

#if defined(__x86_64__)

#include "cpu/fast/fast.h"

namespace ringside::fast {
namespace {

/// More instructions than any handler that is worth copying has.
constexpr std::size_t kMostInstructions = 160;

/// The op pointer is the second integer argument (System V AMD64 psABI).
constexpr ZydisRegister kOpRegister = ZYDIS_REGISTER_RSI;

std::optional<unsigned> ops_in(std::int64_t bytes) {
  constexpr std::int64_t kOp = sizeof(Op);
  if (bytes <= 0 || bytes % kOp != 0 || bytes / kOp > 3) return std::nullopt;
  return static_cast<unsigned>(bytes / kOp);
}

}  // namespace

bool is_exit(HostAddress address) {
  for (const Handler exit : {exact_op, exact_sse_op, leave_at_branch, leave_unlinked})
    if (address == reinterpret_cast<HostAddress>(exit)) return true;
  return is_second_try(reinterpret_cast<Handler>(address));
}

bool is_register(const ZydisDecodedOperand& operand, ZydisRegister reg) {
  return operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
         ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand.reg.value) == reg;
}

std::optional<std::int64_t> op_field(const ZydisDecodedOperand& operand) {
  if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY || operand.mem.type != ZYDIS_MEMOP_TYPE_MEM ||
      operand.mem.base != kOpRegister || operand.mem.index != ZYDIS_REGISTER_NONE)
    return std::nullopt;
  return operand.mem.disp.has_displacement ? operand.mem.disp.value : 0;
}

bool HostCode::read_one(HostAddress at, std::vector<HostAddress>& open) {
  static const ZydisDecoder decoder = [] {
    ZydisDecoder d;
    ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    return d;
  }();
  HostInstruction i;
  if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, reinterpret_cast<const void*>(at), ZYDIS_MAX_INSTRUCTION_LENGTH,
                                           &i.info, i.operands.data())))
    return false;
  i.next = at + i.info.length;
  const bool relative = i.info.raw.imm[0].is_relative != 0;
  if (relative) i.target = i.next + static_cast<HostAddress>(i.info.raw.imm[0].value.s);
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

bool HostCode::read(HostAddress entry) {
  std::vector<HostAddress> open{entry};
  while (!open.empty()) {
    const HostAddress at = open.back();
    open.pop_back();
    if (code_.count(at) != 0) continue;
    if (code_.size() == kMostInstructions || !read_one(at, open)) return false;
  }
  for (auto& [at, instruction] : code_)
    if (instruction.ends) find_dispatch(at);
  follow_op(entry);
  look_at_stack();
  return true;
}

namespace {
bool is_save(const HostInstruction& i) {
  return i.info.meta.category == ZYDIS_CATEGORY_PUSH || i.info.meta.category == ZYDIS_CATEGORY_POP;
}
/// RBX and R12 to R15. RBP is left alone: where compilers keep frame pointers, enter() cannot save it for others.
bool is_saved_by_enter(ZydisRegister reg) {
  return reg == ZYDIS_REGISTER_RBX || (reg >= ZYDIS_REGISTER_R12 && reg <= ZYDIS_REGISTER_R15);
}
}  // namespace

void HostCode::look_at_stack() {
  only_saves_ = true;
  for (const auto& [at, i] : code_) {
    if (is_save(i)) {
      const ZydisDecodedOperand& saved = i.operands[0];
      only_saves_ &= saved.type == ZYDIS_OPERAND_TYPE_REGISTER &&
                     (is_saved_by_enter(saved.reg.value) || saved.reg.value == ZYDIS_REGISTER_RBP);
      continue;
    }
    for (unsigned o = 0; o < i.info.operand_count; ++o) {
      const ZydisDecodedOperand& operand = i.operands[o];
      only_saves_ &= !is_register(operand, ZYDIS_REGISTER_RSP) &&
                     (operand.type != ZYDIS_OPERAND_TYPE_MEMORY ||
                      (operand.mem.base != ZYDIS_REGISTER_RSP && operand.mem.index != ZYDIS_REGISTER_RSP));
    }
  }
}

bool HostCode::is_needless_save(HostAddress at) const {
  const HostInstruction& i = code_.at(at);
  return only_saves_ && is_save(i) && is_saved_by_enter(i.operands[0].reg.value);
}

/// Recognises `mov reg, [op + n * 32]; add op, n * 32; ...; jmp reg`, and `add op, n * 32; ...; jmp [op]`. What
/// is not recognised stays an ordinary indirect jump, which is just as right.
void HostCode::find_dispatch(HostAddress at) {
  HostInstruction& jump = code_.at(at);
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
    const HostInstruction& i = code_.at(at);
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
      handler_loads_[at] = moved;
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
void HostCode::follow_op(HostAddress entry) {
  std::vector<std::pair<HostAddress, std::optional<std::int64_t>>> open{{entry, 0}};
  while (!open.empty()) {
    auto [at, ahead] = open.back();
    open.pop_back();
    if (is_exit(at)) continue;
    const auto [known, fresh] = op_at_.emplace(at, ahead);
    if (!fresh) {
      if (known->second == ahead || !known->second) continue;
      known->second = ahead = std::nullopt;  // two ways lead here
    }
    const HostInstruction& i = code_.at(at);
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

bool HostCode::reaches_next(HostAddress at, std::set<HostAddress>& seen) const {
  if (is_exit(at) || !seen.insert(at).second) return false;
  const HostInstruction& i = code_.at(at);
  if (i.ends) return i.step != 0;
  if (i.jump) return reaches_next(i.target, seen);
  return reaches_next(i.next, seen) || (i.branch && reaches_next(i.target, seen));
}

bool HostCode::reaches_next(HostAddress at) const {
  std::set<HostAddress> seen;
  return reaches_next(at, seen);
}

std::optional<std::uint64_t> HostCode::constant_field(HostAddress at) const {
  const HostInstruction& i = code_.at(at);
  if (i.info.operand_count_visible != 2 || i.operands[0].type != ZYDIS_OPERAND_TYPE_REGISTER || !op_at_.at(at).has_value())
    return std::nullopt;
  const auto field = op_field(i.operands[1]);
  if (!field || i.operands[1].size > 32) return std::nullopt;  // the link, not constant, is read as 64 bits
  const std::int64_t offset = *field + *op_at_.at(at);
  constexpr std::int64_t kOp = sizeof(Op), kHandler = sizeof(Handler);
  if (offset < 0 || offset % kOp < kHandler) return std::nullopt;
  return static_cast<std::uint64_t>(offset);
}

}  // namespace ringside::fast

#endif
