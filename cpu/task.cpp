// Hardware task switching. SDM Vol. 3A, "Task Switching"; the numbered comments are its steps.
#include "cpu/task.h"

#include "cpu/control_transfer.h"
#include "cpu/debug_registers.h"
#include "cpu/stack_writer.h"

namespace ringside {
namespace {

/// Offsets in the TSS, SDM Vol. 3A, "Task-State Segment (TSS)" and "16-Bit Task-State Segment (TSS)".
struct TssLayout {
  std::uint32_t least_limit, saved_end, cr3, eip, eflags, gpr, segments, segment_step, segment_count, ldt;
};
constexpr TssLayout kLayout32{0x67, 0x5F, 0x1C, 0x20, 0x24, 0x28, 0x48, 4, 6, 0x60};
constexpr TssLayout kLayout16{0x2B, 0x29, 0, 0x0E, 0x10, 0x12, 0x22, 2, 4, 0x2A};
constexpr std::uint32_t kTrapBitAt = 0x64;

const TssLayout& layout_of(bool tss32) { return tss32 ? kLayout32 : kLayout16; }

/// The order of segment registers in both layouts is that of their numbers: ES CS SS DS (FS GS).
struct TaskImage {
  std::uint32_t cr3 = 0, eip = 0, eflags = 0;
  std::uint32_t gpr[8] = {};
  std::uint16_t selector[6] = {};
  std::uint16_t ldt = 0;
  bool trap = false;
};

std::uint32_t read_item(Cpu& cpu, std::uint32_t linear, bool wide) {
  return wide ? cpu.read_system<std::uint32_t>(linear) : cpu.read_system<std::uint16_t>(linear);
}

void write_item(Cpu& cpu, std::uint32_t linear, std::uint32_t value, bool wide) {
  if (wide) {
    cpu.write_system<std::uint32_t>(linear, value);
  } else {
    cpu.write_system<std::uint16_t>(linear, static_cast<std::uint16_t>(value));
  }
}

TaskImage read_image(Cpu& cpu, std::uint32_t base, bool tss32) {
  const TssLayout& at = layout_of(tss32);
  const std::uint32_t step = tss32 ? 4 : 2;
  TaskImage image;
  if (tss32) image.cr3 = cpu.read_system<std::uint32_t>(base + at.cr3);
  image.eip = read_item(cpu, base + at.eip, tss32);
  image.eflags = read_item(cpu, base + at.eflags, tss32);
  for (std::uint32_t i = 0; i < 8; ++i) image.gpr[i] = read_item(cpu, base + at.gpr + i * step, tss32);
  for (std::uint32_t i = 0; i < at.segment_count; ++i)
    image.selector[i] = cpu.read_system<std::uint16_t>(base + at.segments + i * at.segment_step);
  image.ldt = cpu.read_system<std::uint16_t>(base + at.ldt);
  if (tss32) image.trap = (cpu.read_system<std::uint16_t>(base + kTrapBitAt) & 1) != 0;
  return image;
}

void save_task(Cpu& cpu, std::uint32_t saved_eflags) {
  const bool tss32 = (cpu.tr.access & 8) != 0;
  const TssLayout& at = layout_of(tss32);
  const std::uint32_t base = cpu.tr.base, step = tss32 ? 4 : 2;
  write_item(cpu, base + at.eip, cpu.eip, tss32);
  write_item(cpu, base + at.eflags, saved_eflags, tss32);
  for (std::uint32_t i = 0; i < 8; ++i) write_item(cpu, base + at.gpr + i * step, cpu.gpr[i], tss32);
  for (std::uint32_t i = 0; i < at.segment_count; ++i)
    cpu.write_system<std::uint16_t>(base + at.segments + i * at.segment_step, cpu.seg[i].selector);
}

/// Faults now if the bytes [first, last] cannot be accessed later; they span two pages at most.
void probe(Cpu& cpu, std::uint32_t first, std::uint32_t last, Access access) {
  cpu.place_linear(first, 1, access, false);
  cpu.place_linear(last, 1, access, false);
}

void set_busy(Cpu& cpu, std::uint32_t descriptor_at, bool busy) {
  const auto access = cpu.read_system<std::uint8_t>(descriptor_at + 5);
  cpu.write_system<std::uint8_t>(descriptor_at + 5,
                                 static_cast<std::uint8_t>(busy ? access | kBusyBit : access & ~kBusyBit));
}

// --- After the commit point: the new task's context -------------------------------------------------

/// Segment registers hold the new selectors, but none can be used before its descriptor has been checked.
void load_registers(Cpu& cpu, const TaskImage& image, bool tss32, bool nested) {
  cpu.eip = image.eip;
  for (unsigned i = 0; i < 8; ++i) cpu.gpr[i] = image.gpr[i];
  for (unsigned i = 0; i < 6; ++i) {
    cpu.seg[i].selector = image.selector[i];
    cpu.seg[i].usable = 0;
    cpu.seg[i].derive();
  }
  cpu.ldtr.selector = image.ldt;
  cpu.ldtr.usable = 0;
  std::uint32_t mask = existing_flags(cpu.model);
  if (!tss32) mask = (mask & 0xFFFF) | kVM | kRF;
  cpu.set_eflags(image.eflags | (nested ? kNT : 0u), mask);
  cpu.set_cpl((cpu.system_flags & kVM) != 0 ? 3 : image.selector[kCS] & 3u);
  cpu.update_mode();
}

void load_cr3(Cpu& cpu, const TaskImage& image, bool tss32) {
  if (!tss32 || !cpu.paging()) return;
  const bool pae = (cpu.cr4 & kCr4PAE) != 0;
  if (pae) cpu.load_pdptes(image.cr3);
  cpu.cr3 = image.cr3 & (pae ? ~7u : 0xFFFFF018u);
  cpu.flush_tlb(true);
  cpu.observe_register(SystemRegister::kCr3, cpu.cr3);
}

void load_ldtr(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) return;
  if ((selector & 4) != 0) refuse(cpu, Cause::kTsLdtSelector, selector);
  const Descriptor d = read_descriptor(cpu, selector, Vector::kTS);
  if (!d.system() || d.type() != kLdtType) refuse(cpu, Cause::kTsLdtType, selector, d);
  if (!d.present()) refuse(cpu, Cause::kTsLdtNotPresent, selector, d);
  cpu.ldtr = make_segment(selector, d);
}

void load_code(Cpu& cpu, std::uint16_t selector) {
  if (is_null(selector)) refuse_zero(cpu, Cause::kTsCodeNull, selector);
  Descriptor d = read_descriptor(cpu, selector, Vector::kTS);
  if (!d.code()) refuse(cpu, Cause::kTsCodeType, selector, d);
  const unsigned rpl = selector & 3u;
  if (d.conforming_code() ? d.dpl() > rpl : d.dpl() != rpl) refuse(cpu, Cause::kTsCodeDpl, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpCode, selector, d);
  cpu.seg[kCS] = code_segment(cpu, selector, d, rpl);
}

void load_stack(Cpu& cpu, std::uint16_t selector) {
  constexpr StackCauses kCauses{Vector::kTS, Cause::kTsStackRpl, Cause::kTsStackNotWritable,
                                Cause::kTsStackDpl, Cause::kSsTaskStackNotPresent};
  if (is_null(selector)) refuse_zero(cpu, Cause::kTsStackNull, selector);
  cpu.seg[kSS] = checked_stack(cpu, selector, cpu.cpl, kCauses);
}

void load_data(Cpu& cpu, unsigned index, std::uint16_t selector) {
  if (is_null(selector)) return;
  Descriptor d = read_descriptor(cpu, selector, Vector::kTS);
  if (!d.readable()) refuse(cpu, Cause::kTsDataType, selector, d);
  if (!d.conforming_code() && (d.dpl() < cpu.cpl || d.dpl() < (selector & 3u)))
    refuse(cpu, Cause::kTsDataDpl, selector, d);
  if (!d.present()) refuse(cpu, Cause::kNpSegment, selector, d);
  set_accessed(cpu, selector, d);
  cpu.seg[index] = make_segment(selector, d);
}

void load_segments(Cpu& cpu, const TaskImage& image) {
  if (cpu.v86()) {
    for (unsigned i = 0; i < 6; ++i) cpu.seg[i] = v86_segment(image.selector[i]);
    return;
  }
  load_code(cpu, image.selector[kCS]);
  load_stack(cpu, image.selector[kSS]);
  for (const SegReg index : {kDS, kES, kFS, kGS}) load_data(cpu, index, image.selector[index]);
}

void push_error_code(Cpu& cpu, std::uint32_t error_code, bool tss32) {
  StackWriter stack(cpu, tss32 ? 4 : 2);
  stack.reserve(1);
  stack.push(error_code);
  cpu.gpr[kESP] = stack.esp();
}

/// Steps 12 and 13: load the rest, and check each descriptor in the new task's context.
void enter_task(Cpu& cpu, const TaskImage& image, bool tss32, const TaskEntry& entry) {
  load_cr3(cpu, image, tss32);
  load_ldtr(cpu, image.ldt);
  load_segments(cpu, image);
  cpu.update_mode();
  // "IF the task has its T bit set": the debug trap comes before the new task's first instruction.
  if (image.trap) {
    cpu.pending_debug |= kDr6BT;
    cpu.attention = true;
  }
  if (entry.has_error_code) push_error_code(cpu, entry.error_code, tss32);
  check_target(cpu, cpu.seg[kCS], cpu.eip);
}

}  // namespace

Descriptor task_gate_tss(Cpu& cpu, Descriptor gate) {
  const std::uint16_t selector = gate.gate_selector();
  if ((selector & 4) != 0) refuse(cpu, Cause::kGpTssLocal, selector);
  const Descriptor tss = read_descriptor(cpu, selector);
  if (!tss.is_tss()) refuse(cpu, Cause::kGpTssType, selector, tss);
  if (!tss.is_available_tss()) refuse(cpu, Cause::kGpTssBusy, selector, tss);
  if (!tss.present()) refuse(cpu, Cause::kNpTss, selector, tss);
  return tss;
}

void switch_task(Cpu& cpu, std::uint16_t selector, Descriptor tss, const TaskEntry& entry) {
  // 1, 2. The selector and the privilege to use it were the caller's affair.
  const Origin origin(cpu, cpu.eip);
  const bool tss32 = tss.is_tss32();
  const bool nested = entry.reason != TaskSwitch::kJump && entry.reason != TaskSwitch::kIret;
  const TssLayout& old_layout = layout_of((cpu.tr.access & 8) != 0);
  // 3, 4. Present and (for IRET: not) available was checked before; the limit is left.
  if (tss.limit() < layout_of(tss32).least_limit) refuse(cpu, Cause::kTsTssLimit, selector, tss);
  if (cpu.tr.usable == 0 || cpu.tr.limit < old_layout.saved_end)
    refuse(cpu, Cause::kTsOldTssLimit, cpu.tr.selector);
  // 5. "Checks that the current (old) TSS, new TSS, and all segment descriptors used in the task switch are
  //    paged into system memory." Of the segments' descriptors only the new task's tables know.
  std::uint32_t new_descriptor = 0, old_descriptor = 0;
  find_descriptor(cpu, selector, new_descriptor);
  const bool old_in_table = find_descriptor(cpu, cpu.tr.selector, old_descriptor) == Lookup::kFound;
  probe(cpu, new_descriptor + 5, new_descriptor + 5, Access::kWrite);
  if (old_in_table && !nested) probe(cpu, old_descriptor + 5, old_descriptor + 5, Access::kWrite);
  probe(cpu, cpu.tr.base + old_layout.eip, cpu.tr.base + old_layout.saved_end, Access::kWrite);
  probe(cpu, tss.base(), tss.base() + layout_of(tss32).least_limit, Access::kRead);
  if (nested) probe(cpu, tss.base(), tss.base() + 1, Access::kWrite);

  // 6. JMP, IRET: the old task is not busy any more. CALL, interrupt: it stays so, being nested.
  if (old_in_table && !nested) set_busy(cpu, old_descriptor, false);
  // 7, 8. Save the old task; for IRET the caller has cleared NT in the image.
  save_task(cpu, entry.saved_eflags);
  const TaskImage image = read_image(cpu, tss.base(), tss32);
  // 9. NT and the back link lead from the new task to the old one.
  if (nested) cpu.write_system<std::uint16_t>(tss.base(), cpu.tr.selector);
  // 10. The new task is busy; for IRET it has been all the time.
  if (entry.reason != TaskSwitch::kIret) set_busy(cpu, new_descriptor, true);
  // 11. TR; this is the commit point.
  tss.raw |= std::uint64_t{kBusyBit} << 40;
  cpu.tr = make_segment(selector, tss);
  cpu.cr0 |= kCr0TS;
  load_registers(cpu, image, tss32, nested);
  // "Debug Control Register (DR7)": local enables end with the task.
  set_dr7(cpu, cpu.dr[7] & ~kDr7LocalEnables);
  cpu.attention = true;
  try {
    enter_task(cpu, image, tss32, entry);
    observe(cpu, TrapKind::kTaskSwitch, origin);
  } catch (const Fault& fault) {
    cpu.update_mode();
    if (entry.reason == TaskSwitch::kDelivery) throw;
    cpu.deliver_fault(fault);
  }
}

}  // namespace ringside
