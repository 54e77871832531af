// The escape opcodes and WAIT as the processor executes them: availability, pending exceptions, pointers,
// memory operands. What they calculate is unit.cpp's.
#include "cpu/exact.h"
#include "cpu/x87/environment.h"
#include "cpu/x87/memory_block.h"
#include "cpu/x87/unit.h"

namespace ringside {

bool x87::report_pending(Cpu& cpu, const Op& op) {
  if ((cpu.x87.status & kErrorSummary) == 0) return true;
  if ((cpu.cr0 & kCr0NE) != 0) cpu.raise(Cause::kMfPending);
  cpu.bus.set_ferr(true);
  cpu.eip = op.eip;
  cpu.attention = true;
  return false;
}

}  // namespace ringside

namespace ringside::exact {
namespace {

using namespace x87;

/// SDM Vol. 2A, "x87 FPU Instructions": the forms that neither wait nor report what is pending.
bool is_no_wait(unsigned opcode, std::uint8_t modrm) {
  const unsigned reg = modrm >> 3 & 7u;
  if (modrm >= 0xC0) return (opcode == 3 && reg == 4) || (opcode == 7 && modrm == 0xE0);
  return (opcode == 1 || opcode == 5) && (reg == 6 || reg == 7);
}

void note_instruction(Cpu& cpu, const Op& op) {
  X87State& s = cpu.x87;
  s.ip_offset = op.eip;
  s.ip_selector = cpu.seg[kCS].selector;
  s.opcode = static_cast<std::uint16_t>((op.imm & 7) << 8 | op.extra);
}

/// FIP, FOP and FDP; to be called when the operand's address has been found good.
void note_memory_instruction(Cpu& cpu, const Op& op, std::uint32_t offset) {
  note_instruction(cpu, op);
  cpu.x87.data_offset = offset;
  cpu.x87.data_selector = cpu.seg[op.seg].selector;
}

Image read_operand(Cpu& cpu, const Op& op, std::uint32_t offset, unsigned size) {
  switch (size) {
    case 2: return {cpu.read<std::uint16_t>(op.seg, offset), 0};
    case 4: return {cpu.read<std::uint32_t>(op.seg, offset), 0};
    case 8: return {cpu.read<std::uint64_t>(op.seg, offset), 0};
    default: {
      MemoryParts parts(cpu, op);
      const auto low = parts.read<std::uint64_t>(0);
      return {low, parts.read<std::uint16_t>(8)};
    }
  }
}

/// Where an unmasked exception keeps the value back, silicon does not even look at the address; so the value comes
/// first, on a copy of the state, which a fault of the write leaves behind.
void store_operand(Cpu& cpu, const Op& op, MemoryForm form) {
  X87State after = cpu.x87;
  Image image;
  if (Unit(after).store(form.format, form.action == MemoryAction::kStorePop, image)) {
    MemoryParts parts(cpu, op);
    switch (size_of(form.format)) {
      case 2: parts.write<std::uint16_t>(0, static_cast<std::uint16_t>(image.low)); break;
      case 4: parts.write<std::uint32_t>(0, static_cast<std::uint32_t>(image.low)); break;
      case 8: parts.write<std::uint64_t>(0, image.low); break;
      default:
        parts.write<std::uint64_t>(0, image.low);
        parts.write<std::uint16_t>(8, image.high);
        break;
    }
  }
  cpu.x87 = after;
  note_memory_instruction(cpu, op, effective_offset(cpu, op));
}

void execute_memory(Cpu& cpu, const Op& op, MemoryForm form) {
  const std::uint32_t offset = effective_offset(cpu, op);
  Unit unit(cpu.x87);
  switch (form.action) {
    case MemoryAction::kArithmetic:
    case MemoryAction::kLoad: {
      const Image image = read_operand(cpu, op, offset, size_of(form.format));
      note_memory_instruction(cpu, op, offset);
      if (form.action == MemoryAction::kLoad) return unit.load(form.format, image);
      return unit.arithmetic(op.extra >> 3 & 7u, form.format, image);
    }
    case MemoryAction::kStore:
    case MemoryAction::kStorePop: return store_operand(cpu, op, form);
    case MemoryAction::kLoadControl: return unit.set_control(cpu.read<std::uint16_t>(op.seg, offset));
    case MemoryAction::kStoreControl: return cpu.write<std::uint16_t>(op.seg, offset, cpu.x87.control);
    case MemoryAction::kStoreStatus: return cpu.write<std::uint16_t>(op.seg, offset, cpu.x87.status);
    case MemoryAction::kLoadEnvironment: return load_environment(cpu, op);
    case MemoryAction::kStoreEnvironment: return store_environment(cpu, op);
    case MemoryAction::kSave: return save(cpu, op);
    case MemoryAction::kRestore: return restore(cpu, op);
    case MemoryAction::kUndefined: cpu.raise(Cause::kUdOpcode);
  }
}

void execute_register(Cpu& cpu, const Op& op, unsigned opcode) {
  const std::uint8_t modrm = op.extra;
  if (opcode == 7 && modrm == 0xE0) {  // FNSTSW AX
    cpu.set_reg<std::uint16_t>(0, cpu.x87.status);
    return;
  }
  if (!Unit(cpu.x87).execute(opcode, modrm, cpu.flags, cpu.model.has(kFeatureCmov))) cpu.raise(Cause::kUdOpcode);
  // FNCLEX and its neighbours are control instructions and leave the pointers alone.
  if (opcode != 3 || modrm < 0xE0 || modrm > 0xE7) note_instruction(cpu, op);
}

}  // namespace

void x87_escape(Cpu& cpu, const Op& op) {
  if ((cpu.cr0 & (kCr0EM | kCr0TS)) != 0)
    cpu.raise((cpu.cr0 & kCr0EM) != 0 ? Cause::kNmEmulate : Cause::kNmTaskSwitched);
  const unsigned opcode = op.imm & 7;
  const bool memory = (op.flags & kMemory) != 0;
  if (!cpu.model.has(kFeatureFpu)) {
    // No coprocessor answers: nothing is transferred. FNSTSW AX reads a floating bus.
    if (!memory && opcode == 7 && op.extra == 0xE0) cpu.set_reg<std::uint16_t>(0, 0xFFFF);
    return;
  }
  const bool defined = memory ? memory_form(opcode, op.extra >> 3 & 7u).action != MemoryAction::kUndefined
                              : is_defined(opcode, op.extra, cpu.model.has(kFeatureCmov));
  if (!defined) cpu.raise(Cause::kUdOpcode);  // before what is pending, as silicon has it
  const bool was_pending = (cpu.x87.status & kErrorSummary) != 0;
  if (was_pending && !is_no_wait(opcode, op.extra) && !report_pending(cpu, op)) return;
  if (memory) {
    execute_memory(cpu, op, memory_form(opcode, op.extra >> 3 & 7u));
  } else {
    execute_register(cpu, op, opcode);
  }
  if (was_pending && (cpu.x87.status & kErrorSummary) == 0) cpu.bus.set_ferr(false);
}

void fwait(Cpu& cpu, const Op& op) {
  if ((cpu.cr0 & kCr0MP) != 0 && (cpu.cr0 & kCr0TS) != 0) cpu.raise(Cause::kNmWaitTaskSwitched);
  if (cpu.model.has(kFeatureFpu)) report_pending(cpu, op);
}

}  // namespace ringside::exact
