// Every exception cause is raised by something: one scenario per row of causes.def.
#include <functional>
#include <map>

#include "cpu/debug_registers.h"
#include "tests/cpu/cpu_fixture.h"

namespace ringside::test {
namespace {

using Scenario = std::function<void(Guest&)>;
using Table = std::map<Cause, Scenario>;

Scenario ring0(std::vector<int> code) {
  return [code](Guest& g) {
    g.enter_protected32();
    g.code(code);
  };
}
Scenario ring3(std::vector<int> code, unsigned iopl = 0) {
  return [code, iopl](Guest& g) {
    g.enter_user32(iopl);
    g.code(code);
  };
}
Scenario v86(std::vector<int> code, unsigned iopl, std::uint32_t cr4, std::uint32_t flags = 0) {
  return [=](Guest& g) {
    g.enter_v86(iopl, cr4);
    g.cpu.set_eflags(flags, flags);
    g.code(code);
  };
}
/// MOV to a segment register of a selector, in ring 0.
Scenario load(unsigned segment, std::uint16_t selector) {
  return ring0(bytes_of({mov32(kEAX, selector), mov_sreg_ax(segment)}));
}
/// `set` changes the tables after the mode has been entered.
Scenario with(Scenario base, std::function<void(Guest&)> set) {
  return [=](Guest& g) {
    base(g);
    set(g);
  };
}
/// A dword into the other task's TSS.
Scenario other_task(std::uint32_t offset, std::uint16_t value) {
  return with(ring0(far_jump32(kOtherTss, 0)),
              [=](Guest& g) { g.memory.write16(kOtherTssAt + offset, value); });
}
/// What IRET or RETF finds on the stack.
Scenario returning(int opcode, std::vector<std::uint32_t> frame) {
  return with(ring0({opcode}), [=](Guest& g) {
    std::uint32_t at = g.cpu.gpr[kESP] -= static_cast<std::uint32_t>(4 * frame.size());
    for (const std::uint32_t item : frame) g.memory.write32(at, item), at += 4;
  });
}
Scenario returning_far(std::vector<std::uint32_t> frame) { return returning(0xCB, std::move(frame)); }

Scenario paged(Scenario base, std::uint32_t linear, std::uint32_t entry, std::uint32_t cr0 = 0) {
  return with(base, [=](Guest& g) {
    g.enable_paging();
    g.set_page(linear, entry);
    g.cpu.cr0 |= cr0;
    g.cpu.update_mode();
  });
}

/// PAE with one table each, identity for the first 2 MiB; entry 3 of the pointers is left for the caller.
void enable_pae(Guest& g) {
  g.memory.write64(0x100000, 0x101000 | 1);
  g.memory.write64(0x101000, 0x102000 | 7);
  for (std::uint32_t i = 0; i < 512; ++i) g.memory.write64(0x102000 + 8 * i, i << 12 | 7);
  g.cpu.cr3 = 0x100000;
  g.cpu.cr4 |= kCr4PAE;
  g.cpu.cr0 |= kCr0PG;
  g.cpu.load_pdptes(g.cpu.cr3);
  g.cpu.flush_tlb(false);
  g.cpu.update_mode();
}

const std::vector<int> kTouchData = {0xA1, 0x00, 0x00, 0x04, 0x00};  // mov eax, [40000h]
const std::vector<int> kStoreData = {0xA3, 0x00, 0x00, 0x04, 0x00};  // mov [40000h], eax
const std::vector<int> kInt40 = {0xCD, 0x40};

void integer_causes(Table& t) {
  t[Cause::kDeDivideByZero] = ring0({0x31, 0xC9, 0xF7, 0xF1});
  t[Cause::kDeQuotientTooLarge] = ring0(bytes_of({mov32(kEDX, 5), mov32(kECX, 1), {0xF7, 0xF1}}));
  t[Cause::kDeAamZero] = ring0({0xD4, 0x00});
  t[Cause::kDbSingleStep] = with(ring0({0x90}), [](Guest& g) { g.cpu.set_eflags(kTF, kTF); });
  t[Cause::kDbInstructionBreakpoint] = with(ring0({0x90}), [](Guest& g) {
    g.cpu.dr[0] = kCodeAt;
    set_dr7(g.cpu, 1);
  });
  t[Cause::kDbDataBreakpoint] = with(ring0(kStoreData), [](Guest& g) {
    g.cpu.dr[1] = kDataAt;
    set_dr7(g.cpu, 0xD0'0000 | 4);
  });
  t[Cause::kDbGeneralDetect] = with(ring0({0x0F, 0x21, 0xC0}), [](Guest& g) { set_dr7(g.cpu, kDr7GD); });
  t[Cause::kDbTaskSwitch] = other_task(0x64, 1);
  t[Cause::kDbInt1] = ring0({0xF1});
  t[Cause::kBpInt3] = ring0({0xCC});
  t[Cause::kOfInto] = with(ring0({0xCE}), [](Guest& g) { g.cpu.set_eflags(kOF, kOF); });
  t[Cause::kBrBound] = ring0(bytes_of({mov32(kEAX, 5), {0x62, 0x05, 0x00, 0x00, 0x04, 0x00}}));
}

void undefined_causes(Table& t) {
  t[Cause::kUdOpcode] = ring0({0x0F, 0xFF});
  t[Cause::kUdUd2] = ring0({0x0F, 0x0B});
  t[Cause::kUdRegisterOperand] = ring0({0x0F, 0x01, 0xD0});  // lgdt eax
  t[Cause::kUdLock] = ring0({0xF0, 0x90});
  t[Cause::kUdSegmentRegister] = ring0({0x8E, 0xC8});
  t[Cause::kUdControlRegister] = ring0({0x0F, 0x20, 0xC8});
  t[Cause::kUdDebugRegister] = with(ring0({0x0F, 0x21, 0xE0}), [](Guest& g) { g.cpu.cr4 |= kCr4DE; });
  t[Cause::kUdNotProtected] = [](Guest& g) {
    g.enter_real();
    g.code({0x0F, 0x00, 0xC0});
  };
  t[Cause::kUdRsmOutsideSmm] = ring0({0x0F, 0xAA});
  t[Cause::kNmEmulate] = with(ring0({0xD9, 0xE8}), [](Guest& g) { g.cpu.cr0 |= kCr0EM; });
  t[Cause::kNmTaskSwitched] = with(ring0({0xD9, 0xE8}), [](Guest& g) { g.cpu.cr0 |= kCr0TS; });
  t[Cause::kNmWaitTaskSwitched] = with(ring0({0x9B}), [](Guest& g) { g.cpu.cr0 |= kCr0TS | kCr0MP; });
  t[Cause::kMfPending] = with(ring0({0x9B}), [](Guest& g) {
    g.cpu.cr0 |= kCr0NE;
    g.cpu.x87.control = 0x0340;
    g.cpu.x87.status = 0x8081;
  });
  t[Cause::kAcMisaligned] = with(ring3({0xA1, 0x01, 0x00, 0x04, 0x00}), [](Guest& g) {
    g.cpu.cr0 |= kCr0AM;
    g.cpu.set_eflags(kAC, kAC);
    g.cpu.update_mode();
  });
  // FXSAVE and LDMXCSR exist on the model of all features only.
  t[Cause::kUdFxsrDisabled] = with(ring0({0x0F, 0xAE, 0x15, 0x00, 0x00, 0x04, 0x00}), [](Guest& g) {
    g.cpu.cr0 |= kCr0EM;
    g.cpu.cr4 |= kCr4OSFXSR;
  });
  t[Cause::kGpFxAlignment] =
      with(ring0({0x0F, 0xAE, 0x05, 0x01, 0x00, 0x04, 0x00}), [](Guest& g) { g.cpu.cr4 |= kCr4OSFXSR; });
  t[Cause::kGpMxcsrReserved] = with(ring0({0x0F, 0xAE, 0x15, 0x00, 0x00, 0x04, 0x00}), [](Guest& g) {
    g.cpu.cr4 |= kCr4OSFXSR;
    g.memory.write32(kDataAt, 0xFFFFFFFF);
  });
}

void simd_causes(Table& t) {
  const auto sse = [](std::vector<int> code, std::uint32_t cr4, std::uint32_t mxcsr = 0x1F80) {
    return with(ring0(std::move(code)), [=](Guest& g) {
      g.cpu.cr4 |= cr4;
      g.cpu.x87.mxcsr = mxcsr;
      g.cpu.gpr[kEBX] = kDataAt + 8;
      g.cpu.x87.xmm[0][0] = 0x3F800000;
    });
  };
  const std::vector<int> divss = {0xF3, 0x0F, 0x5E, 0xC1};  // divss xmm0, xmm1: 1 / 0
  t[Cause::kUdSseDisabled] = sse({0x0F, 0x28, 0xC1}, 0);
  t[Cause::kGpSimdAlignment] = sse({0x0F, 0x28, 0x03}, kCr4OSFXSR);  // movaps xmm0, [ebx]
  t[Cause::kXmUnmasked] = sse(divss, kCr4OSFXSR | kCr4OSXMMEXCPT, 0);
  t[Cause::kUdSimdException] = sse(divss, kCr4OSFXSR, 0);
}

void memory_causes(Table& t) {
  const auto through_ds = [](std::uint16_t selector, std::vector<int> code) {
    return ring0(bytes_of({mov32(kEAX, selector), mov_sreg_ax(kDS), std::move(code)}));
  };
  t[Cause::kGpSegmentLimit] = through_ds(kSmallData, {0xA1, 0xFD, 0x00, 0x00, 0x00});
  t[Cause::kGpSegmentNull] = through_ds(0, kTouchData);
  t[Cause::kGpSegmentNotWritable] = through_ds(kReadOnly, kStoreData);
  t[Cause::kGpSegmentNotReadable] = [](Guest& g) {
    g.enter_protected32();
    g.code(far_jump32(kExecuteOnly, kCodeAt + 0x100));
    g.place(kCodeAt + 0x100, {0x2E, 0xA1, 0x00, 0x00, 0x04, 0x00});
  };
  t[Cause::kSsSegmentLimit] = [](Guest& g) {
    g.enter_user32();
    g.code({0x50});
    g.gdt(kFree, descriptor(0, 0xFFF, 0xF3, 4));
    g.cpu.seg[kSS].limit = 0xFFF;
    g.cpu.seg[kSS].derive();
    g.cpu.update_mode();
  };
  // A task switch that fails before SS is loaded leaves SS unusable; the handler in that task cannot push.
  t[Cause::kSsSegmentNull] = other_task(0x60, 0xFFF8);
  t[Cause::kGpCodeLimit] = [](Guest& g) {
    g.enter_protected16();
    g.gdt(kCode16, descriptor(kCodeAt, 0xFFF, 0x9B, 0));
    g.cpu.seg[kCS].limit = 0xFFF;
    g.cpu.update_mode();
    g.code({0xE9, 0x00, 0x20});
  };
  t[Cause::kGpFetchLimit] = [](Guest& g) {
    g.enter_protected16();
    g.cpu.seg[kCS].limit = 0xFFF;
    g.cpu.update_mode();
    g.cpu.eip = 0xFFE;
    g.code({0xB8, 0x00, 0x00});
  };
  t[Cause::kGpInstructionTooLong] =
      ring0({0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x2E, 0x90});
  t[Cause::kPfNotPresentPde] =
      with(ring0({0xA1, 0x00, 0x00, 0x40, 0x00}), [](Guest& g) { g.enable_paging(); });
  t[Cause::kPfNotPresentPte] = paged(ring0(kTouchData), kDataAt, 0);
  t[Cause::kPfNotPresentPdpte] = with(ring0({0xA1, 0x00, 0x00, 0x00, 0xC0}), enable_pae);
  t[Cause::kPfReservedBit] = with(ring0(kTouchData), [](Guest& g) {
    enable_pae(g);
    g.memory.write64(0x102000 + 8 * (kDataAt >> 12), kDataAt | 7 | 1ull << 62);
  });
  t[Cause::kPfUserSupervisor] = paged(ring3(kTouchData), kDataAt, kDataAt | 3);
  t[Cause::kPfUserReadOnly] = paged(ring3(kStoreData), kDataAt, kDataAt | 5);
  t[Cause::kPfSupervisorReadOnly] = paged(ring0(kStoreData), kDataAt, kDataAt | 5, kCr0WP);
  t[Cause::kPfNoExecute] = with(ring0({0xE9, 0xFB, 0xFF, 0x02, 0x00}), [](Guest& g) {  // to kDataAt
    enable_pae(g);
    g.cpu.msr_efer = 1u << 11;
    g.memory.write64(0x102000 + 8 * (kDataAt >> 12), kDataAt | 7 | 1ull << 63);
  });
  t[Cause::kGpPdpteReserved] = with(ring0({0x0F, 0x22, 0xD8}), [](Guest& g) {
    enable_pae(g);
    g.memory.write64(0x103000, 0x1E7);
    g.cpu.gpr[kEAX] = 0x103000;
  });
}

void privilege_causes(Table& t) {
  t[Cause::kGpPrivileged] = ring3({0xF4});
  t[Cause::kGpIopl] = ring3({0xFA});
  t[Cause::kGpIoPermission] =
      with(ring3({0xE4, 0x60}), [](Guest& g) { g.memory.write8(kTssAt + kIoMapAt + 12, 1); });
  t[Cause::kGpV86Iopl] = v86({0xFA}, 0, 0);
}

void segment_causes(Table& t) {
  t[Cause::kGpBeyondGdt] = load(kDS, 0x100);
  t[Cause::kGpBeyondLdt] = with(load(kDS, 0x104), [](Guest& g) { g.load_ldt(); });
  t[Cause::kGpNoLdt] = load(kDS, 0x0C);
  t[Cause::kNpSegment] = load(kDS, kAbsentData);
  t[Cause::kGpStackNull] = load(kSS, 0);
  t[Cause::kGpStackRpl] = load(kSS, kData0 | 1);
  t[Cause::kGpStackNotWritable] = load(kSS, kReadOnly);
  t[Cause::kGpStackDpl] = load(kSS, kData3 & ~3);
  t[Cause::kSsNotPresent] =
      with(load(kSS, kFree), [](Guest& g) { g.gdt(kFree, descriptor(0, 0xFFFFF, 0x13, 0xC)); });
  t[Cause::kGpDataType] = load(kDS, kExecuteOnly);
  t[Cause::kGpDataDpl] = ring3(bytes_of({mov32(kEAX, kData0), mov_sreg_ax(kDS)}));
}

void far_causes(Table& t) {
  const auto jump = [](std::uint16_t selector) { return ring0(far_jump32(selector, kCodeAt)); };
  const auto call3 = [](std::uint16_t selector) { return ring3(far_call32(selector, kCodeAt)); };
  const auto gated = [](std::uint64_t raw) {
    return with(ring3(far_call32(kFree, 0)), [=](Guest& g) { g.gdt(kFree, raw); });
  };
  t[Cause::kGpCodeNull] = jump(3);
  t[Cause::kGpFarTargetType] = jump(kData0);
  t[Cause::kGpConformingDpl] =
      with(ring0(far_jump32(kFree, 0)), [](Guest& g) { g.gdt(kFree, descriptor(0, 0xFFFFF, 0xFF, 0xC)); });
  t[Cause::kGpCodeRpl] = jump(kCode0 | 3);
  t[Cause::kGpCodeDpl] = jump(kCode3 & ~3);
  t[Cause::kNpCode] = jump(kAbsentCode);
  t[Cause::kGpGateDpl] = gated(gate(kCode0, 0, 0x8C));
  t[Cause::kGpGateRpl] =
      with(ring0(far_call32(kFree | 3, 0)), [](Guest& g) { g.gdt(kFree, gate(kCode0, 0, 0x8C)); });
  t[Cause::kNpGate] = gated(gate(kCode0, 0, 0x6C));
  t[Cause::kGpGateCodeNull] = gated(gate(0, 0, 0xEC));
  t[Cause::kGpGateCodeType] = gated(gate(kData0, 0, 0xEC));
  t[Cause::kGpGateCodeDpl] =
      with(ring3(far_jump32(kFree, 0)), [](Guest& g) { g.gdt(kFree, gate(kCode0, 0, 0xEC)); });

  t[Cause::kGpReturnNull] = returning_far({kCodeAt, 0});
  t[Cause::kGpReturnType] = returning_far({kCodeAt, kData0});
  t[Cause::kGpReturnRpl] = with(ring3({0xCB}), [](Guest& g) {
    g.memory.write32(g.cpu.gpr[kESP], kCodeAt);
    g.memory.write32(g.cpu.gpr[kESP] + 4, kCode0);
  });
  t[Cause::kGpReturnConformingDpl] = with(returning_far({kCodeAt, kFree}),
                                          [](Guest& g) { g.gdt(kFree, descriptor(0, 0xFFFFF, 0xFF, 0xC)); });
  t[Cause::kGpReturnDpl] = returning_far({kCodeAt, kCode3 & ~3});
  t[Cause::kGpReturnStackNull] = returning_far({kCodeAt, kCode3, kStack3At, 0});
  t[Cause::kGpReturnStackRpl] = returning_far({kCodeAt, kCode3, kStack3At, kData3 & ~3});
  t[Cause::kGpReturnStackNotWritable] = returning_far({kCodeAt, kCode3, kStack3At, kCode3});
  t[Cause::kGpReturnStackDpl] = returning_far({kCodeAt, kCode3, kStack3At, kData0 | 3});
  t[Cause::kSsReturnStackNotPresent] = returning_far({kCodeAt, kCode3, kStack3At, kAbsentStack3});
  (void)call3;
}

void inner_stack_causes(Table& t) {
  const auto tss_stack = [](std::uint16_t ss0, std::uint32_t esp0 = kStack0At) {
    return with(ring3(far_call32(kCallGate, 0)), [=](Guest& g) {
      g.memory.write32(kTssAt + 4, esp0);
      g.memory.write16(kTssAt + 8, ss0);
    });
  };
  t[Cause::kTsStackBeyondTss] = with(ring3(far_call32(kCallGate, 0)), [](Guest& g) { g.cpu.tr.limit = 8; });
  t[Cause::kTsStackNull] = tss_stack(0);
  t[Cause::kTsBeyondGdt] = tss_stack(0x200);
  t[Cause::kTsBeyondLdt] = with(tss_stack(0x204), [](Guest& g) { g.load_ldt(); });
  t[Cause::kTsNoLdt] = tss_stack(0x0C);
  t[Cause::kTsStackRpl] = tss_stack(kData0 | 3);
  t[Cause::kTsStackNotWritable] = tss_stack(kReadOnly);
  t[Cause::kTsStackDpl] = tss_stack(kData3 & ~3);
  t[Cause::kSsInnerStackNotPresent] =
      with(tss_stack(kFree), [](Guest& g) { g.gdt(kFree, descriptor(0, 0xFFFFF, 0x13, 0xC)); });
  t[Cause::kSsInnerStackLimit] = tss_stack(kSmallData, 8);
}

void interrupt_causes(Table& t) {
  const auto with_idt = [](std::uint64_t raw) {
    return with(ring0(kInt40), [=](Guest& g) { g.idt(0x40, raw); });
  };
  t[Cause::kGpIdtLimit] = with(ring0(kInt40), [](Guest& g) { g.cpu.idtr.limit = 0x1FF; });
  t[Cause::kGpIdtType] = with_idt(descriptor(0, 0, 0x89, 0));
  t[Cause::kGpIdtDpl] = ring3(kInt40);
  t[Cause::kNpIdtGate] = with_idt(gate(kCode0, 0, 0x0E));
  t[Cause::kGpV86Handler] =
      with(v86(kInt40, 3, 0), [](Guest& g) { g.idt(0x40, gate(kConforming0, 0, 0xEE)); });
  t[Cause::kGpRedirectionMap] = with(v86(kInt40, 0, kCr4VME), [](Guest& g) { g.cpu.tr.limit = 0x67; });
  t[Cause::kGpVirtualInterruptPending] = v86({0xFB}, 0, kCr4VME, kVIP);
  t[Cause::kGpV86SetsTrapFlag] =
      with(v86({0x9D}, 0, kCr4VME), [](Guest& g) { g.memory.write16(0x20000 + 0xFFFE, kTF); });
  t[Cause::kDfContributory] = with(ring0(kInt40), [](Guest& g) {
    g.idt(0x40, gate(0, 0, 0x8E));
    g.idt(13, gate(0, 0, 0x8E));
  });
  t[Cause::kDfPageFault] = with(ring0({0xA1, 0x00, 0x00, 0x40, 0x00}), [](Guest& g) {
    g.enable_paging();
    g.idt(14, gate(0, 0, 0x8E));
  });
}

void task_causes(Table& t) {
  const auto jump_tss = ring0(far_jump32(kOtherTss, 0));
  const auto tss_descriptor = [=](unsigned limit, unsigned access) {
    return with(jump_tss, [=](Guest& g) { g.gdt(kOtherTss, descriptor(kOtherTssAt, limit, access, 0)); });
  };
  t[Cause::kGpTssDpl] = ring3(far_jump32(kOtherTss, 0));
  t[Cause::kGpTssLocal] =
      with(ring0(far_jump32(kFree, 0)), [](Guest& g) { g.gdt(kFree, gate(0x0C, 0, 0x85)); });
  t[Cause::kGpTssType] =
      with(ring0(far_jump32(kFree, 0)), [](Guest& g) { g.gdt(kFree, gate(kData0, 0, 0x85)); });
  t[Cause::kGpTssBusy] = tss_descriptor(0x67, 0x8B);
  t[Cause::kNpTss] = tss_descriptor(0x67, 0x09);
  t[Cause::kTsTssLimit] = tss_descriptor(0x66, 0x89);
  t[Cause::kTsOldTssLimit] = with(jump_tss, [](Guest& g) { g.cpu.tr.limit = 0x5E; });
  const auto back_link = [](std::uint16_t link) {
    return with(ring0({0xCF}), [=](Guest& g) {
      g.cpu.set_eflags(kNT, kNT);
      g.memory.write16(kTssAt, link);
    });
  };
  t[Cause::kTsBackLinkLocal] = back_link(0x0C);
  t[Cause::kTsBackLinkType] = back_link(kOtherTss);
  t[Cause::kTsLdtSelector] = other_task(0x60, 0x0C);
  t[Cause::kTsLdtType] = other_task(0x60, kData0);
  t[Cause::kTsLdtNotPresent] =
      with(other_task(0x60, kFree), [](Guest& g) { g.gdt(kFree, descriptor(kLdtAt, 0xFF, 0x02, 0)); });
  t[Cause::kTsCodeNull] = other_task(0x4C, 0);
  t[Cause::kTsCodeType] = other_task(0x4C, kData0);
  t[Cause::kTsCodeDpl] = other_task(0x4C, kCode0 | 3);
  t[Cause::kSsTaskStackNotPresent] =
      with(other_task(0x50, kFree), [](Guest& g) { g.gdt(kFree, descriptor(0, 0xFFFFF, 0x13, 0xC)); });
  t[Cause::kTsDataType] = other_task(0x54, kExecuteOnly);
  t[Cause::kTsDataDpl] = other_task(0x54, kData0 | 3);
}

void system_causes(Table& t) {
  const auto cr = [](int modrm, std::uint32_t value) {
    return ring0(bytes_of({mov32(kEAX, value), {0x0F, 0x22, modrm}}));
  };
  t[Cause::kGpCr0PagingWithoutProtection] = cr(0xC0, kCr0PG);
  t[Cause::kGpCr0Caching] = cr(0xC0, kCr0PE | kCr0NW);
  t[Cause::kGpCr4Reserved] = cr(0xE0, 1u << 13);
  t[Cause::kGpTsc] = with(ring3({0x0F, 0x31}), [](Guest& g) { g.cpu.cr4 |= kCr4TSD; });
  t[Cause::kGpPmc] = ring3({0x0F, 0x33});
  t[Cause::kGpPmcIndex] = ring0(bytes_of({mov32(kECX, 2), {0x0F, 0x33}}));
  t[Cause::kGpMsr] = ring0(bytes_of({mov32(kECX, 0x12345678), {0x0F, 0x32}}));
  t[Cause::kGpMsrValue] = ring0(bytes_of({mov32(kECX, 0x2FF), mov32(kEAX, 0x102), {0x0F, 0x30}}));
  const auto group6 = [](int modrm, std::uint16_t selector) {
    return ring0(bytes_of({mov32(kEAX, selector), {0x0F, 0x00, modrm}}));
  };
  t[Cause::kGpLdtrLocal] = group6(0xD0, 0x0C);
  t[Cause::kGpLdtrType] = group6(0xD0, kData0);
  t[Cause::kNpLdt] =
      with(group6(0xD0, kFree), [](Guest& g) { g.gdt(kFree, descriptor(kLdtAt, 0xFF, 0x02, 0)); });
  t[Cause::kGpTrNull] = group6(0xD8, 0);
  t[Cause::kGpTrLocal] = group6(0xD8, 0x0C);
  t[Cause::kGpTrType] = group6(0xD8, kTss);
  t[Cause::kGpSysenterCs] = ring0({0x0F, 0x34});
  t[Cause::kGpSysenterNotProtected] = [](Guest& g) {
    g.enter_real();
    g.code({0x0F, 0x34});
  };
}

Table scenarios() {
  Table t;
  integer_causes(t);
  undefined_causes(t);
  simd_causes(t);
  memory_causes(t);
  privilege_causes(t);
  segment_causes(t);
  far_causes(t);
  inner_stack_causes(t);
  interrupt_causes(t);
  task_causes(t);
  system_causes(t);
  return t;
}

void every_cause(How how) {
  const Table table = scenarios();
  for (unsigned i = 0; i < static_cast<unsigned>(Cause::kCount); ++i) {
    const auto cause = static_cast<Cause>(i);
    SCOPED_TRACE(cause_name(cause));
    const auto found = table.find(cause);
    if (found == table.end()) {
      ADD_FAILURE() << "no scenario raises it";
      continue;
    }
    Guest guest(everything_model(), how);
    found->second(guest);
    guest.run(100);
    EXPECT_TRUE(guest.saw(cause)) << guest.history();
  }
}

TEST(Causes, EveryCauseIsRaisedByStep) { every_cause(How::kStep); }
TEST(Causes, EveryCauseIsRaisedByRun) { every_cause(How::kRun); }

TEST(Causes, EachHasASentenceAndADescription) {
  for (unsigned i = 0; i < static_cast<unsigned>(Cause::kCount); ++i) {
    const auto cause = static_cast<Cause>(i);
    EXPECT_GT(std::string(cause_sentence(cause)).size(), 8u) << cause_name(cause);
    const Fault fault{vector_of(cause), 0, cause, {}};
    EXPECT_NE(describe(fault).find(cause_sentence(cause)), std::string::npos);
  }
}

}  // namespace
}  // namespace ringside::test
