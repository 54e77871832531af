// Descriptor-table registers and the checks that software may ask for: SGDT SIDT LGDT LIDT SLDT LLDT STR
// LTR SMSW LMSW INVLPG, LAR LSL VERR VERW ARPL. SDM Vol. 2.
#include "cpu/descriptor.h"
#include "cpu/exact.h"
#include "cpu/system_registers.h"

namespace ringside::exact {
namespace {

// --- 0F 00 --------------------------------------------------------------------------------------------

/// 16 bits to memory, zero-extended to a 32-bit register.
void store_selector(Cpu& cpu, const Op& op, std::uint32_t value) {
  if ((op.flags & kMemory) == 0 && (op.flags & kOperand32) != 0) {
    cpu.set_reg<std::uint32_t>(op.dst, value);
  } else {
    write_rm<std::uint16_t>(cpu, op, op.dst, static_cast<std::uint16_t>(value));
  }
}

void lldt(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) {
    cpu.ldtr.selector = selector;
    cpu.ldtr.usable = 0;
    return;
  }
  if ((selector & 4) != 0) refuse(cpu, Cause::kGpLdtrLocal, selector);
  const Descriptor d = read_descriptor(cpu, selector);
  if (!d.system() || d.type() != kLdtType) refuse(cpu, Cause::kGpLdtrType, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpLdt, selector, d);
  cpu.ldtr = make_segment(selector, d);
}

void ltr(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kGpTrNull, selector);
  if ((selector & 4) != 0) refuse(cpu, Cause::kGpTrLocal, selector);
  Descriptor d = read_descriptor(cpu, selector);
  if (!d.is_available_tss()) refuse(cpu, Cause::kGpTrType, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpTss, selector, d);
  d.raw |= std::uint64_t{kBusyBit} << 40;
  cpu.write_system<std::uint8_t>(cpu.gdtr.base + (selector & ~7u) + 5, d.access());
  cpu.tr = make_segment(selector, d);
}

/// The descriptor that LAR, LSL, VERR and VERW look at; false where the selector names none.
bool visible_descriptor(Cpu& cpu, std::uint16_t selector, Descriptor& d) {
  std::uint32_t linear = 0;
  if (is_null(selector) || find_descriptor(cpu, selector, linear) != Lookup::kFound) return false;
  d.raw = cpu.read_system<std::uint64_t>(linear);
  return true;
}

bool privilege_allows(const Cpu& cpu, std::uint16_t selector, Descriptor d) {
  return d.conforming_code() || (d.dpl() >= cpu.cpl && d.dpl() >= (selector & 3u));
}

void verify(Cpu& cpu, std::uint16_t selector, bool write) {
  Descriptor d;
  const bool ok = visible_descriptor(cpu, selector, d) && !d.system() && privilege_allows(cpu, selector, d) &&
                  (write ? d.writable_data() : d.readable());
  cpu.flags.set_zf(ok);
}

// --- 0F 01 --------------------------------------------------------------------------------------------

void require_memory(Cpu& cpu, const Op& op) {
  if ((op.flags & kMemory) == 0) cpu.raise(Cause::kUdRegisterOperand);
}

void store_table(Cpu& cpu, const Op& op, const TableRegister& table) {
  require_memory(cpu, op);
  const std::uint32_t at = effective_offset(cpu, op);
  // Both halves are checked before either is written. All 32 bits of the base are stored for both operand
  // sizes: that is what silicon does.
  cpu.place_for_write(op.seg, at + 2, 4);
  cpu.write<std::uint16_t>(op.seg, at, table.limit);
  cpu.write<std::uint32_t>(op.seg, at + 2, table.base);
}

void load_table(Cpu& cpu, const Op& op, TableRegister& table) {
  require_memory(cpu, op);
  require_ring0(cpu);
  const std::uint32_t at = effective_offset(cpu, op);
  const auto limit = cpu.read<std::uint16_t>(op.seg, at);
  const auto base = cpu.read<std::uint32_t>(op.seg, at + 2);
  table.limit = limit;
  table.base = (op.flags & kOperand32) != 0 ? base : base & 0xFFFFFF;
}

void invlpg(Cpu& cpu, const Op& op) {
  if (!cpu.model.has(kFeature486)) cpu.raise(Cause::kUdOpcode);
  require_memory(cpu, op);
  require_ring0(cpu);
  cpu.invalidate_page(cpu.seg[op.seg].base + effective_offset(cpu, op));
  cpu.attention = true;
}

void lmsw(Cpu& cpu, const Op& op) {
  require_ring0(cpu);
  // Only PE, MP, EM and TS, and PE cannot be cleared.
  const std::uint32_t value = read_rm<std::uint16_t>(cpu, op, op.dst) & 15u;
  write_cr0(cpu, (cpu.cr0 & ~14u) | value);
}

/// LSL: the limit in bytes, for segments, LDTs and TSSs.
bool has_limit(Descriptor d) { return !d.system() || d.is_tss() || d.type() == kLdtType; }
/// LAR also knows call gates and task gates.
bool has_rights(Descriptor d) {
  return has_limit(d) || d.type() == kCallGate16 || d.type() == kTaskGate || d.type() == kCallGate32;
}

}  // namespace

void group6(Cpu& cpu, const Op& op) {
  require_descriptors(cpu);
  switch (op.extra >> 3 & 7) {
    case 0:
      store_selector(cpu, op, cpu.ldtr.selector);
      break;
    case 1:
      store_selector(cpu, op, cpu.tr.selector);
      break;
    case 2:
      require_ring0(cpu);
      lldt(cpu, read_rm<std::uint16_t>(cpu, op, op.dst));
      break;
    case 3:
      require_ring0(cpu);
      ltr(cpu, read_rm<std::uint16_t>(cpu, op, op.dst));
      break;
    case 4:
      verify(cpu, read_rm<std::uint16_t>(cpu, op, op.dst), false);
      break;
    case 5:
      verify(cpu, read_rm<std::uint16_t>(cpu, op, op.dst), true);
      break;
    default:
      cpu.raise(Cause::kUdOpcode);
  }
}

void group7(Cpu& cpu, const Op& op) {
  switch (op.extra >> 3 & 7) {
    case 0:
      store_table(cpu, op, cpu.gdtr);
      break;
    case 1:
      store_table(cpu, op, cpu.idtr);
      break;
    case 2:
      load_table(cpu, op, cpu.gdtr);
      break;
    case 3:
      load_table(cpu, op, cpu.idtr);
      break;
    case 4:
      store_selector(cpu, op, cpu.cr0);
      break;
    case 6:
      lmsw(cpu, op);
      break;
    case 7:
      invlpg(cpu, op);
      break;
    default:
      cpu.raise(Cause::kUdOpcode);
  }
}

void lar(Cpu& cpu, const Op& op) {
  require_descriptors(cpu);
  const auto selector = read_rm<std::uint16_t>(cpu, op, op.src);
  Descriptor d;
  const bool ok = visible_descriptor(cpu, selector, d) && has_rights(d) && privilege_allows(cpu, selector, d);
  if (ok) {
    const auto rights = static_cast<std::uint32_t>(d.raw >> 32) & 0x00FFFF00u;
    if ((op.flags & kOperand32) != 0) {
      cpu.set_reg<std::uint32_t>(op.dst, rights);
    } else {
      cpu.set_reg<std::uint16_t>(op.dst, static_cast<std::uint16_t>(rights));
    }
  }
  cpu.flags.set_zf(ok);
}

void lsl(Cpu& cpu, const Op& op) {
  require_descriptors(cpu);
  const auto selector = read_rm<std::uint16_t>(cpu, op, op.src);
  Descriptor d;
  const bool ok = visible_descriptor(cpu, selector, d) && has_limit(d) && privilege_allows(cpu, selector, d);
  if (ok) {
    if ((op.flags & kOperand32) != 0) {
      cpu.set_reg<std::uint32_t>(op.dst, d.limit());
    } else {
      cpu.set_reg<std::uint16_t>(op.dst, static_cast<std::uint16_t>(d.limit()));
    }
  }
  cpu.flags.set_zf(ok);
}

void arpl(Cpu& cpu, const Op& op) {
  require_descriptors(cpu);
  // The destination is written, and has to be writable, only if it changes.
  const auto value = read_rm<std::uint16_t>(cpu, op, op.dst);
  const unsigned rpl = cpu.reg<std::uint16_t>(op.src) & 3u;
  const bool raised = (value & 3u) < rpl;
  if (raised) write_rm<std::uint16_t>(cpu, op, op.dst, with_rpl(value, rpl));
  cpu.flags.set_zf(raised);
}

}  // namespace ringside::exact
