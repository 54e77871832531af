// Descriptors and segment registers. SDM Vol. 2, "MOV", "LDS", "LAR", "LSL", "VERR/VERW", "LLDT", "LTR".
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

bool Cpu::find(std::uint32_t selector, std::uint32_t& linear) const {
  const std::uint32_t offset = selector & 0xFFF8;
  if ((selector & 4) != 0) {
    linear = ldtr.base + offset;
    return ldtr.usable && offset + 7 <= ldtr.limit;
  }
  linear = gdtr.base + offset;
  return offset + 7 <= gdtr.limit;
}

Descriptor Cpu::fetch(std::uint32_t selector, unsigned vector, unsigned ext) {
  std::uint32_t linear = 0;
  if (!find(selector, linear)) throw Fault{vector, (selector & 0xFFFC) | ext};
  return {system_read(linear, 4), system_read(linear + 4, 4)};
}

void Cpu::mark_accessed(std::uint32_t selector, Descriptor& d) {
  if ((d.high & 0x100) != 0) return;
  std::uint32_t linear = 0;
  find(selector, linear);
  d.high |= 0x100;
  system_write(linear + 5, 1, d.access());
}

Segment Cpu::segment_of(std::uint32_t selector, Descriptor d) {
  Segment s;
  s.selector = selector;
  s.base = d.base();
  s.limit = d.limit();
  s.access = d.access();
  s.big = d.big();
  return s;
}

void Cpu::load_sreg(unsigned index, std::uint32_t selector) {
  if (!protected_mode() || v86()) {
    Segment& s = seg[index];
    if (v86()) s = Segment{};
    s.selector = selector;
    s.base = selector << 4;
    s.usable = true;
    return;
  }
  const std::uint32_t error = selector & 0xFFFC;
  const unsigned rpl = selector & 3;
  if (error == 0) {
    // "IF segment selector is NULL THEN #GP(0)" for SS; the others are loaded and cannot be used.
    if (index == kSs) gp();
    seg[index] = Segment{};
    seg[index].selector = selector;
    seg[index].usable = false;
    return;
  }
  Descriptor d = fetch(selector);
  if (index == kSs) {
    // "IF segment selector's RPL != CPL or segment is not a writable data segment or DPL != CPL THEN
    // #GP(selector)"
    if (rpl != cpl || !d.writable() || d.dpl() != cpl) gp(error);
    if (!d.present()) throw Fault{12, error};
  } else {
    // "IF segment is not a data or readable code segment or ((segment is a data or nonconforming code
    // segment) AND
    // ((RPL > DPL) or (CPL > DPL))) THEN #GP(selector)"
    if (!d.readable()) gp(error);
    if (!d.conforming() && (rpl > d.dpl() || cpl > d.dpl())) gp(error);
    if (!d.present()) throw Fault{11, error};
  }
  mark_accessed(selector, d);
  seg[index] = segment_of(selector, d);
}

void Cpu::query(const Op& op) {
  if (!protected_mode() || v86()) throw Fault{6};
  const std::uint32_t selector = gpr[kEax] & 0xFFFF;
  set_flags(0, kZf);
  std::uint32_t linear = 0;
  if ((selector & 0xFFFC) == 0 || !find(selector, linear)) return;
  const Descriptor d = fetch(selector);
  const bool reachable = d.dpl() >= cpl && d.dpl() >= (selector & 3);
  switch (op.kind) {
    case Kind::kLar: {
      // Table "Segment and Gate Types" of LAR.
      constexpr unsigned kValid =
          1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5 | 1u << 9 | 1u << 11 | 1u << 12;
      if (d.system() && (kValid >> d.type() & 1) == 0) return;
      if (!d.conforming() && !reachable) return;
      gpr[kEdx] = d.high & 0x00F0FF00;
      break;
    }
    case Kind::kLsl: {
      constexpr unsigned kValid = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 9 | 1u << 11;
      if (d.system() && (kValid >> d.type() & 1) == 0) return;
      if (!d.conforming() && !reachable) return;
      gpr[kEdx] = d.limit();
      break;
    }
    case Kind::kVerr:
      if (!d.readable() || (!d.conforming() && !reachable)) return;
      break;
    default:
      if (!d.writable() || !reachable) return;
      break;
  }
  set_flags(kZf, kZf);
}

void Cpu::set_busy(std::uint32_t selector, bool busy) {
  std::uint32_t linear = 0;
  if (!find(selector, linear)) return;
  const std::uint32_t access = system_read(linear + 5, 1);
  system_write(linear + 5, 1, busy ? access | 2 : access & ~2u);
}

void Cpu::load_task_register(std::uint32_t selector) {
  const std::uint32_t error = selector & 0xFFFC;
  if (error == 0) gp();
  if ((selector & 4) != 0) gp(error);
  Descriptor d = fetch(selector);
  if (!d.available_tss()) gp(error);
  if (!d.present()) throw Fault{11, error};
  set_busy(selector, true);
  d.high |= 0x200;
  tr = segment_of(selector, d);
}

void Cpu::load_ldt(std::uint32_t selector) {
  const std::uint32_t error = selector & 0xFFFC;
  if (error == 0) {
    ldtr = Segment{};
    ldtr.selector = selector;
    ldtr.usable = false;
    return;
  }
  if ((selector & 4) != 0) gp(error);
  const Descriptor d = fetch(selector);
  if (!d.system() || d.type() != kLdtType) gp(error);
  if (!d.present()) throw Fault{11, error};
  ldtr = segment_of(selector, d);
}

}  // namespace privileged::model
