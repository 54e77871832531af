// Who may use x87, MMX and SSE, and when they tell an exception. SDM Vol. 3A, "Processor Management and
// Initialization", "Intel MMX Technology System Programming", "System Programming for Instruction Set Extensions";
// Vol. 1, "x87 FPU Exception Handling". What is computed does not matter here: the case says which exceptions are met.
#include "tests/privileged/model/cpu.h"

namespace privileged::model {

/// "If CR0.EM or CR0.TS: #NM". MMX has no emulation, and EM makes it undefined.
void Cpu::require_x87(bool waits) {
  if ((cr0 & (kEm | kTs)) != 0) throw Fault{7};
  if (waits && x87_pending && (cr0 & kNe) != 0) throw Fault{16};
}

void Cpu::require_sse() {
  if ((cr0 & kEm) != 0 || (cr4 & kCr4Osfxsr) == 0) throw Fault{6};
  if ((cr0 & kTs) != 0) throw Fault{7};
}

void Cpu::meet_x87(std::uint32_t exceptions) {
  x87_flags |= exceptions;
  x87_pending = (x87_flags & ~x87_masks & 0x3F) != 0;
}

/// "MXCSR": bits 16 to 31 are reserved. Bit 6 the cases leave alone.
std::uint32_t Cpu::checked_mxcsr(std::uint32_t value) {
  if ((value & 0xFFFF0000) != 0) gp();
  return value;
}

void Cpu::require_alignment(std::uint32_t address) {
  if (((seg[kDs].base + address) & 15) != 0) gp();
}

void Cpu::float_instruction(const Op& op) {
  switch (op.kind) {
    case Kind::kFninit:
      require_x87(false);
      x87_flags = 0;
      x87_masks = 0x3F;
      x87_pending = false;
      break;
    case Kind::kFnclex:
      require_x87(false);
      x87_flags = 0;
      x87_pending = false;
      break;
    case Kind::kX87NoWait:
      require_x87(false);
      // FNSAVE ends as FNINIT does.
      if (op.reg == 6) x87_flags = 0, x87_masks = 0x3F, x87_pending = false;
      break;
    case Kind::kX87:
      require_x87(true);
      meet_x87(op.selector);
      break;
    case Kind::kFldcw:
      require_x87(true);
      x87_masks = read(kDs, op.address, 2) & 0x3F;
      meet_x87(0);
      break;
    case Kind::kMmx:
      if ((cr0 & kEm) != 0) throw Fault{6};
      require_x87(true);
      break;
    case Kind::kSse:
      require_sse();
      break;
    case Kind::kSseCompute: {
      require_sse();
      const std::uint32_t masks = mxcsr >> 7 & 0x3F;
      if ((op.selector & ~masks) != 0) throw Fault{(cr4 & kCr4Osxmmexcpt) != 0 ? 19u : 6u};
      break;
    }
    case Kind::kAligned:
      require_sse();
      require_alignment(op.address);
      break;
    case Kind::kLdmxcsr:
      require_sse();
      mxcsr = checked_mxcsr(read(kDs, op.address, 4));
      break;
    case Kind::kStmxcsr:
      require_sse();
      break;
    case Kind::kFxsave:
    case Kind::kFxrstor: {
      // "#NM: If CR0.TS[bit 3] = 1. If CR0.EM[bit 2] = 1." Neither asks for pending exceptions.
      require_x87(false);
      require_alignment(op.address);
      if (op.kind == Kind::kFxsave) {
        write(kDs, op.address, 2, x87_masks);
        write(kDs, op.address + 2, 2, x87_flags);
        write(kDs, op.address + 24, 4, mxcsr);
        break;
      }
      if ((cr4 & kCr4Osfxsr) != 0 && (features & kFeatureSse) != 0) mxcsr = checked_mxcsr(read(kDs, op.address + 24, 4));
      x87_masks = read(kDs, op.address, 2) & 0x3F;
      x87_flags = read(kDs, op.address + 2, 2) & 0x3F;
      meet_x87(0);
      break;
    }
    default:
      throw Fault{6};
  }
}

}  // namespace privileged::model
