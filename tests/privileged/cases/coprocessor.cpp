// x87, MMX and SSE as the system sees them: CR0.EM, TS, MP, CR4.OSFXSR and OSXMMEXCPT, pending exceptions, alignment,
// and MXCSR's reserved bits. What they compute is no matter of rings and is tested elsewhere.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

enum Exception : unsigned { kInvalid = 1, kDenormal = 2, kZeroDivide = 4, kOverflow = 8, kUnderflow = 16, kPrecision = 32 };

constexpr uint32_t kControl = kData, kImage = kData + 0x100, kNumbers = kData + 0x400;

bool has_mmx() { return (features() & kFeatureMmx) != 0; }
bool has_fxsr() { return (features() & kFeatureFxsr) != 0; }
bool has_sse() { return (features() & kFeatureSse) != 0; }

uint32_t sse_bits() { return has_sse() ? kCr4Osfxsr | kCr4Osxmmexcpt : has_fxsr() ? kCr4Osfxsr : 0; }

State float_state(unsigned cpl = 0) {
  State s = start_state(cpl);
  s.cr0 |= kNe;
  s.cr4 = sse_bits();
  return s;
}

/// x87: FNINIT, then `unmasked` exceptions unmasked.
void begin_x87(Assembler& code, unsigned unmasked) {
  put16(kControl, 0x37F & ~unmasked);
  code.fixed(Kind::kFninit, 0xE3DB, 2);
  code.fixed_memory(Kind::kFldcw, 0xD9, 1, 5, kControl);
}

/// Instructions that meet one exception (and #P where the result is not exact).
void meet_exception(Assembler& code, unsigned which) {
  const auto load64 = [&](uint32_t at) { code.fixed_memory(Kind::kX87, 0xDD, 1, 0, at); };
  const auto store32 = [&](unsigned met) { code.fixed_memory(Kind::kX87, 0xD9, 1, 3, kNumbers + 0x40, met); };
  put32(kNumbers, 1);                                                  // a denormal
  put32(kNumbers + 8, 0x8800759C), put32(kNumbers + 12, 0x7E37E43C);   // 1e300
  put32(kNumbers + 16, 0xC2F8F359), put32(kNumbers + 20, 0x01A56E1F);  // 1e-300
  put32(kNumbers + 24, 0x55555555), put32(kNumbers + 28, 0x3FD55555);  // 1/3
  switch (which) {
    case 0:
      store32(kInvalid);
      break;
    case 1:
      code.fixed_memory(Kind::kX87, 0xD9, 1, 0, kNumbers, kDenormal);
      break;
    case 2:
      code.fixed(Kind::kX87, 0xE8D9, 2);  // FLD1
      code.fixed(Kind::kX87, 0xEED9, 2);  // FLDZ
      code.fixed(Kind::kX87, 0xF9DE, 2, kZeroDivide);
      break;
    case 3:
      load64(kNumbers + 8);
      store32(kOverflow | kPrecision);
      break;
    case 4:
      load64(kNumbers + 16);
      store32(kUnderflow | kPrecision);
      break;
    default:
      load64(kNumbers + 24);
      store32(kPrecision);
      break;
  }
}

/// Leaves an x87 exception pending, or none, and an FXSAVE image.
void set_up(bool pending) {
  Assembler code(kCode);
  begin_x87(code, pending ? kZeroDivide + 0u : 0u);
  meet_exception(code, 2);
  if (has_fxsr()) code.fixed_memory(Kind::kFxsave, 0xAE0F, 2, 0, kImage);
  code.ud2();
  run(float_state());
  put32(kImage + 24, 0x1F80);
}

constexpr unsigned kProbes = 20;

/// False where this processor has no such instruction.
bool put_probe(Assembler& code, unsigned which) {
  switch (which) {
    case 0:
      code.fnop();
      return true;
    case 1:
      code.fixed(Kind::kFninit, 0xE3DB, 2);
      return true;
    case 2:
      code.fixed(Kind::kFnclex, 0xE2DB, 2);
      return true;
    case 3:
      code.fwait();
      return true;
    case 4:
      code.fixed(Kind::kX87, 0xE8D9, 2);
      return true;
    case 5:
      code.fixed(Kind::kX87NoWait, 0xE0DF, 2);  // FNSTSW AX
      return true;
    case 6:
      code.fixed_memory(Kind::kX87NoWait, 0xD9, 1, 7, kData + 0x40);  // FNSTCW
      return true;
    case 7:
      code.fixed_memory(Kind::kX87, 0xDB, 1, 0, kData + 0x40);  // FILD
      return true;
    case 8:
      code.fixed_memory(Kind::kX87NoWait, 0xDD, 1, 6, kData + 0x600);  // FNSAVE
      return true;
    case 9:
      if (has_mmx()) code.fixed(Kind::kMmx, 0x770F, 2);  // EMMS
      return has_mmx();
    case 10:
      if (has_mmx()) code.fixed(Kind::kMmx, 0xC06E0F, 3);  // MOVD
      return has_mmx();
    case 11:
      if (has_mmx()) code.fixed_memory(Kind::kMmx, 0xFC0F, 2, 0, kNumbers);  // PADDB
      return has_mmx();
    case 12:
      if (has_fxsr()) code.fixed_memory(Kind::kFxsave, 0xAE0F, 2, 0, kImage);
      return has_fxsr();
    case 13:
      if (has_fxsr()) code.fixed_memory(Kind::kFxrstor, 0xAE0F, 2, 1, kImage);
      return has_fxsr();
    case 14:
      if (has_sse()) code.fixed(Kind::kSse, 0xC0570F, 3);  // XORPS
      return has_sse();
    case 15:
      if (has_sse()) code.fixed_memory(Kind::kAligned, 0x280F, 2, 0, kNumbers);  // MOVAPS
      return has_sse();
    case 16:
      put32(kControl + 8, 0x1F80);
      if (has_sse()) code.fixed_memory(Kind::kLdmxcsr, 0xAE0F, 2, 2, kControl + 8);
      return has_sse();
    case 17:
      if (has_sse()) code.fixed_memory(Kind::kStmxcsr, 0xAE0F, 2, 3, kControl + 12);
      return has_sse();
    case 18:
      if (has_sse()) code.fixed(Kind::kAlways, 0xF8AE0F, 3);  // SFENCE
      return has_sse();
    default:
      if (has_sse()) code.fixed_memory(Kind::kAlways, 0x180F, 2, 0, kNumbers);  // PREFETCHNTA
      return has_sse();
  }
}

void availability() {
  for (unsigned which = 0; which < kProbes; ++which) {
    for (unsigned bits = 0; bits < 16; ++bits) {
      for (unsigned pending = 0; pending < 2; ++pending) {
        for (unsigned cpl = 0; cpl < 4; cpl += 3) {
          Assembler probe(kCode);
          if (!put_probe(probe, which)) continue;
          // OSFXSR counts for SSE only. With it clear, whether MXCSR is saved is the processor's affair.
          const bool osfxsr = (bits & 8) == 0;
          if (!osfxsr && (which < 14 || !has_sse())) continue;
          begin_case();
          note("which", which), note("mp", bits & 1), note("em", bits >> 1 & 1), note("ts", bits >> 2 & 1);
          note("osfxsr", osfxsr), note("pending", pending), note("cpl", cpl);
          set_up(pending != 0);
          State s = float_state(cpl);
          s.cr0 |= ((bits & 1) != 0 ? kMp : 0) | ((bits & 2) != 0 ? kEm : 0) | ((bits & 4) != 0 ? kTs : 0);
          if (!osfxsr) s.cr4 = 0;
          Assembler code(kCode);
          put_probe(code, which);
          code.ud2();
          report(run(s));
          end_case();
        }
      }
    }
  }
}

/// Each exception of the x87, masked and not, told at the next instruction that waits.
void x87_exceptions() {
  for (unsigned which = 0; which < 6; ++which) {
    for (unsigned unmasked = 0; unmasked <= 6; ++unmasked) {
      for (unsigned teller = 0; teller < 4; ++teller) {
        if (teller == 3 && !has_mmx()) continue;
        begin_case();
        note("exception", which), note("unmasked", unmasked), note("teller", teller);
        Assembler code(kCode);
        begin_x87(code, unmasked == 6 ? 0x3F : 1u << unmasked);
        meet_exception(code, which);
        if (teller == 0)
          code.fwait();
        else if (teller == 1)
          code.fnop();
        else if (teller == 2)
          code.fixed(Kind::kX87NoWait, 0xE0DF, 2);
        else
          code.fixed(Kind::kMmx, 0x770F, 2);
        code.ud2();
        report(run(float_state(which & 1 ? 3 : 0)));
        end_case();
      }
    }
  }
}

/// One scalar operation of SSE for each exception: operands as 32-bit floats.
void sse_exceptions() {
  constexpr uint32_t kDivide = 0x5E0FF3, kMultiply = 0x590FF3;
  static constexpr struct {
    uint32_t opcode, first, second, met;
  } kOperations[] = {
      {kDivide, 0, 0, kInvalid},
      {kMultiply, 1, 0x7E967699, kDenormal},                                // times 1e38: no denormal any more
      {kDivide, 0x3F800000, 0, kZeroDivide},
      {kMultiply, 0x7F000000, 0x7F000003, kOverflow | kPrecision},
      {kMultiply, 0x00800001, 0x3F000001, kUnderflow | kPrecision},         // half of the least normal
      {kDivide, 0x3F800000, 0x40400000, kPrecision},
      {kDivide, 0x3F800000, 0x40000000, 0},
  };
  for (unsigned which = 0; which < 7; ++which) {
    for (unsigned unmasked = 0; unmasked <= 7; ++unmasked) {
      for (unsigned handled = 0; handled < 2; ++handled) {
        begin_case();
        note("operation", which), note("unmasked", unmasked), note("osxmmexcpt", handled);
        put32(kNumbers, kOperations[which].first), put32(kNumbers + 4, kOperations[which].second);
        const uint32_t open = unmasked < 6 ? 1u << unmasked : unmasked == 6 ? 0x3F : 0;
        put32(kControl, 0x1F80 & ~(open << 7));
        State s = float_state((which & 1) * 3);
        if (handled == 0) s.cr4 &= ~kCr4Osxmmexcpt;
        Assembler code(kCode);
        code.fixed_memory(Kind::kLdmxcsr, 0xAE0F, 2, 2, kControl);
        code.fixed_memory(Kind::kSse, 0x100FF3, 3, 0, kNumbers);  // MOVSS
        code.fixed_memory(Kind::kSseCompute, kOperations[which].opcode, 3, 0, kNumbers + 4, kOperations[which].met);
        code.ud2();
        report(run(s));
        end_case();
      }
    }
  }
}

void alignment_of_vectors() {
  for (unsigned offset = 0; offset < 17; ++offset) {
    for (unsigned which = 0; which < 6; ++which) {
      if (which < 2 ? !has_fxsr() : !has_sse()) continue;
      for (unsigned cpl = 0; cpl < 4; cpl += 3) {
        begin_case();
        note("offset", offset), note("which", which), note("cpl", cpl);
        set_up(false);
        Assembler code(kCode);
        const uint32_t at = kImage + offset;
        if (which == 0)
          code.fixed_memory(Kind::kFxsave, 0xAE0F, 2, 0, at);
        else if (which == 1 && offset == 16)
          code.nop();  // no image lies there
        else if (which == 1)
          code.fixed_memory(Kind::kFxrstor, 0xAE0F, 2, 1, at);
        else if (which == 2)
          code.fixed_memory(Kind::kAligned, 0x280F, 2, 0, at);
        else if (which == 3)
          code.fixed_memory(Kind::kAligned, 0x290F, 2, 0, at);
        else if (which == 4)
          code.fixed_memory(Kind::kAligned, 0x580F, 2, 0, at);  // ADDPS
        else
          code.fixed_memory(Kind::kSse, 0x100F, 2, 0, at);  // MOVUPS
        code.ud2();
        report(run(float_state(cpl)));
        end_case();
      }
    }
  }
}

void reserved_mxcsr_bits() {
  for (unsigned bit = 16; bit < 32; ++bit) {
    for (unsigned by_image = 0; by_image < 2; ++by_image) {
      begin_case();
      note("mxcsr bit", bit), note("fxrstor", by_image);
      set_up(false);
      put32(kControl + 8, 0x1F80 | 1u << bit);
      put32(kImage + 24, 0x1F80 | 1u << bit);
      Assembler code(kCode);
      if (by_image != 0)
        code.fixed_memory(Kind::kFxrstor, 0xAE0F, 2, 1, kImage);
      else
        code.fixed_memory(Kind::kLdmxcsr, 0xAE0F, 2, 2, kControl + 8);
      code.ud2();
      report(run(float_state()));
      end_case();
    }
  }
}

}  // namespace

void coprocessor() {
  if ((features() & 1) == 0) return;
  availability();
  x87_exceptions();
  if (has_sse()) sse_exceptions();
  alignment_of_vectors();
  if (has_sse()) reserved_mxcsr_bits();
  set_up(false);
  Assembler code(kCode);
  code.fixed(Kind::kFninit, 0xE3DB, 2);
  code.ud2();
  run(float_state());
}

}  // namespace privileged
