// Input and output, EFLAGS, control registers and the system instructions of the model.
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

/// "I/O Permission Bit Map": "the processor reads two bytes from the I/O permission bit map for every
/// access".
void Cpu::check_io(std::uint32_t port, unsigned size) {
  if (!protected_mode() || (!v86() && cpl <= io_level())) return;
  if ((tr.access & 8) == 0 || tr.limit < 0x67) gp();
  const std::uint32_t at = system_read(tr.base + 0x66, 2) + port / 8;
  if (at + 1 > tr.limit) gp();
  const std::uint32_t bits = system_read(tr.base + at, 2) >> (port % 8);
  if ((bits & ((1u << size) - 1)) != 0) gp();
}

void Cpu::input_output(const Op& op) {
  const std::uint32_t port = op.address != ~0u ? op.address : gpr[kEdx] & 0xFFFF;
  check_io(port, op.size);
  if ((cr4 & kCr4De) == 0) return;
  for (unsigned n = 0; n < 4; ++n) {
    if ((dr[7] >> (2 * n) & 3) == 0 || (dr[7] >> (16 + 4 * n) & 3) != 2) continue;
    const std::uint32_t length = (dr[7] >> (18 + 4 * n) & 3) + 1;
    const std::uint32_t first = dr[n] & ~(length - 1);
    if (port < first + length && first < port + op.size) pending_debug |= 1u << n;
  }
}

void Cpu::push_flags(unsigned size) {
  std::uint32_t image = eflags & ~(kVm | kRf);
  if (v86() && io_level() < 3) {
    if ((cr4 & kCr4Vme) == 0 || size == 4) gp();
    image = (image & ~kIf) | iopl(3) | ((eflags & kVif) != 0 ? kIf : 0);
  }
  push(image, size);
}

void Cpu::pop_flags(unsigned size) {
  const std::uint32_t wide = size == 4 ? kAc | kId : 0;
  if (v86()) {
    const bool virtual_flag = io_level() < 3;
    if (virtual_flag && ((cr4 & kCr4Vme) == 0 || size == 4)) gp();
    const std::uint32_t value = peek(0, size);
    if (virtual_flag && ((value & kTf) != 0 || ((value & kIf) != 0 && (eflags & kVip) != 0))) gp();
    set_esp(gpr[kEsp] + size);
    set_flags(value, 0xDD5 | kNt | wide | (virtual_flag ? 0 : kIf));
    if (!virtual_flag) return;
    // IF is the monitor's; the image's goes to VIF.
    eflags = (eflags & ~kVif) | ((value & kIf) != 0 ? kVif : 0);
    return;
  }
  std::uint32_t mask = (0xDD5 & ~kIf) | kNt | wide;
  if (cpl <= io_level()) mask |= kIf;
  if (cpl == 0) mask |= iopl(3);
  set_flags(pop(size), mask);
}

void Cpu::flags_instruction(const Op& op) {
  switch (op.kind) {
    case Kind::kPushf:
      return push_flags(op.size);
    case Kind::kPopf:
      return pop_flags(op.size);
    default:
      break;
  }
  const bool sti = op.kind == Kind::kSti;
  if (protected_mode() && cpl > io_level()) {
    // Virtual interrupts: VME in virtual-8086 mode, PVI at CPL 3 of protected mode.
    const bool virtual_flag = v86() ? (cr4 & kCr4Vme) != 0 : cpl == 3 && (cr4 & kCr4Pvi) != 0;
    if (!virtual_flag) gp();
    if (sti && (eflags & kVip) != 0) gp();
    set_flags(sti ? kVif : 0, kVif);
    return;
  }
  if (sti && (eflags & kIf) == 0) shadow_interrupts = true;
  set_flags(sti ? kIf : 0, kIf);
}

void Cpu::set_cr(unsigned n, std::uint32_t value) {
  switch (n) {
    case 0: {
      if ((value & kPg) != 0 && (value & kPe) == 0) gp();
      if ((value & kNw) != 0 && (value & kCd) == 0) gp();
      if ((value & kPg) != 0 && (cr0 & kPg) == 0 && (cr4 & kCr4Pae) != 0) load_pdptes();
      cr0 = (value & 0xE005002F) | kEt;
      break;
    }
    case 2:
      cr2 = value;
      break;
    case 3: {
      const std::uint32_t old = cr3;
      cr3 = value;
      if ((cr0 & kPg) != 0 && (cr4 & kCr4Pae) != 0) {
        try {
          load_pdptes();
        } catch (const Fault&) {
          cr3 = old;
          throw;
        }
      }
      break;
    }
    case 4: {
      std::uint32_t known = 0;
      const auto bit = [&](std::uint32_t feature, std::uint32_t mask) {
        if ((features & feature) != 0) known |= mask;
      };
      bit(kFeatureVme, kCr4Vme | kCr4Pvi);
      bit(kFeatureTsc, kCr4Tsd);
      bit(kFeatureDe, kCr4De);
      bit(kFeaturePse, kCr4Pse);
      bit(kFeaturePae, kCr4Pae);
      bit(kFeatureMce, kCr4Mce);
      bit(kFeaturePge, kCr4Pge);
      bit(kFeatureFxsr, 0x200);
      bit(1u << 25, 0x400);
      // PCE came with RDPMC: from the Pentium Pro and the Pentium with MMX on.
      if ((features & (kFeatureSep | 1u << 23)) != 0) known |= kCr4Pce;
      if ((value & ~known) != 0) gp();
      cr4 = value;
      break;
    }
    default:
      throw Fault{6};
  }
}

void Cpu::system_instruction(const Op& op) {
  switch (op.kind) {
    case Kind::kSldt:
    case Kind::kStr:
      if (!protected_mode() || v86()) throw Fault{6};
      gpr[kEax] = op.kind == Kind::kStr ? tr.selector : ldtr.selector;
      break;
    case Kind::kLldt:
    case Kind::kLtr:
      if (!protected_mode() || v86()) throw Fault{6};
      require_ring0();
      if (op.kind == Kind::kLtr)
        load_task_register(gpr[kEax] & 0xFFFF);
      else
        load_ldt(gpr[kEax] & 0xFFFF);
      break;
    case Kind::kSgdt:
    case Kind::kSidt: {
      const Table& table = op.kind == Kind::kSgdt ? gdtr : idtr;
      write(kDs, op.address, 2, table.limit);
      write(kDs, op.address + 2, 4, table.base);
      break;
    }
    case Kind::kLgdt:
    case Kind::kLidt: {
      require_ring0();
      Table& table = op.kind == Kind::kLgdt ? gdtr : idtr;
      const std::uint32_t limit = read(kDs, op.address, 2);
      table = {read(kDs, op.address + 2, 4), limit};
      break;
    }
    case Kind::kSmsw:
      gpr[kEax] = cr0;
      break;
    case Kind::kLmsw:
      require_ring0();
      cr0 = (cr0 & ~0xEu) | (gpr[kEax] & 0xF);
      break;
    case Kind::kClts:
      require_ring0();
      cr0 &= ~kTs;
      break;
    case Kind::kInvd:
    case Kind::kWbinvd:
    case Kind::kInvlpg:
      require_ring0();
      break;
    case Kind::kMovFromCr:
    case Kind::kMovToCr:
      if (op.reg != 0 && (op.reg < 2 || op.reg > 4)) throw Fault{6};
      require_ring0();
      if (op.kind == Kind::kMovToCr)
        set_cr(op.reg, gpr[kEax]);
      else
        gpr[kEax] = op.reg == 0 ? cr0 : op.reg == 2 ? cr2 : op.reg == 3 ? cr3 : cr4;
      break;
    case Kind::kMovFromDr:
    case Kind::kMovToDr: {
      unsigned n = op.reg;
      if ((n == 4 || n == 5) && (cr4 & kCr4De) != 0) throw Fault{6};
      require_ring0();
      if ((dr[7] & 0x2000) != 0) {
        dr[6] |= 0x2000;
        dr[7] &= ~0x2000u;
        throw Fault{1};
      }
      if (n == 4 || n == 5) n += 2;
      if (op.kind == Kind::kMovFromDr)
        gpr[kEax] = dr[n];
      else if (n == 6)
        dr[6] = (gpr[kEax] & 0xE00F) | 0xFFFF0FF0;
      else if (n == 7)
        dr[7] = (gpr[kEax] & 0xFFFF2BFF) | 0x400;
      else
        dr[n] = gpr[kEax];
      break;
    }
    case Kind::kRdmsr:
    case Kind::kWrmsr: {
      require_ring0();
      std::uint32_t* const known = gpr[kEcx] == 0x174   ? &sysenter_cs
                                   : gpr[kEcx] == 0x175 ? &sysenter_esp
                                   : gpr[kEcx] == 0x176 ? &sysenter_eip
                                                        : nullptr;
      if (known == nullptr) gp();
      if (op.kind == Kind::kWrmsr)
        *known = gpr[kEax];
      else
        gpr[kEax] = *known, gpr[kEdx] = 0;
      break;
    }
    case Kind::kRdtsc:
      if ((cr4 & kCr4Tsd) != 0 && protected_mode() && cpl != 0) gp();
      break;
    case Kind::kRdpmc:
      if ((cr4 & kCr4Pce) == 0 && protected_mode() && cpl != 0) gp();
      if (gpr[kEcx] > 1) gp();
      break;
    case Kind::kSysenter:
      if (!protected_mode() || (sysenter_cs & 0xFFFC) == 0) gp();
      eflags &= ~(kVm | kIf | kRf);
      seg[kCs] = {sysenter_cs & 0xFFFC, 0, 0xFFFFFFFF, 0x9B, true, true};
      seg[kSs] = {(sysenter_cs & 0xFFFC) + 8, 0, 0xFFFFFFFF, 0x93, true, true};
      cpl = 0;
      gpr[kEsp] = sysenter_esp;
      eip = sysenter_eip;
      break;
    case Kind::kSysexit:
      if (!protected_mode() || (sysenter_cs & 0xFFFC) == 0) gp();
      require_ring0();
      seg[kCs] = {((sysenter_cs + 16) & 0xFFFF) | 3, 0, 0xFFFFFFFF, 0xFB, true, true};
      seg[kSs] = {((sysenter_cs + 24) & 0xFFFF) | 3, 0, 0xFFFFFFFF, 0xF3, true, true};
      cpl = 3;
      gpr[kEsp] = gpr[kEcx];
      eip = gpr[kEdx];
      break;
    default:
      throw Fault{6};
  }
}

}  // namespace privileged::model
