// Group 15: FXSAVE, FXRSTOR, MXCSR, and the fences (which order nothing here: accesses happen in order).
#include "cpu/exact.h"
#include "cpu/simd/operands.h"
#include "cpu/x87/memory_block.h"
#include "cpu/x87/unit.h"

namespace ringside::exact {
namespace {

using namespace x87;

// The FXSAVE area, SDM Vol. 2A, "FXSAVE".
enum FxArea : unsigned {
  kFxControl = 0, kFxStatus = 2, kFxTags = 4, kFxOpcode = 6, kFxIp = 8, kFxIpSelector = 12, kFxData = 16,
  kFxDataSelector = 20, kFxMxcsr = 24, kFxMxcsrMask = 28, kFxRegisters = 32, kFxXmm = 160, kFxSize = 512,
};

/// MXCSR bits that can be set. DAZ came after SSE's first processors, and with it the mask in the image.
std::uint32_t mxcsr_mask(const CpuModel& model) { return model.has(kFeatureDaz) ? 0xFFFF : 0xFFBF; }

/// Of a segment that cannot be read, silicon tells the alignment first.
void check_alignment_of_unreadable(Cpu& cpu, const Op& op, std::uint32_t offset) {
  const Segment& s = cpu.seg[op.seg];
  const std::uint32_t linear = s.base + offset;
  const bool checked = cpu.cpl == 3 && (cpu.cr0 & kCr0AM) != 0 && (cpu.system_flags & kAC) != 0;
  if (!checked || s.usable == 0 || s.readable() || (linear & 3) == 0 || std::uint64_t{offset} + 3 > s.limit) return;
  FaultDetail detail;
  detail.seg = op.seg;
  detail.offset = offset;
  detail.linear = linear;
  cpu.raise(Cause::kAcMisaligned, 0, detail);
}

MemoryParts fx_area(Cpu& cpu, const Op& op, Access access) {
  const std::uint32_t offset = effective_offset(cpu, op);
  // The limit, then the alignment, then whether the segment is writable. Where alignment checking is on, silicon
  // reports #AC for addresses that are not even a multiple of 4, and #GP for the rest.
  check_alignment_of_unreadable(cpu, op, offset);
  const std::uint32_t linear = cpu.linear_address(op.seg, offset, 4, Access::kRead);
  if ((linear & 15) != 0) {
    FaultDetail detail;
    detail.seg = op.seg;
    detail.offset = offset;
    detail.linear = linear;
    cpu.raise(Cause::kGpFxAlignment, 0, detail);
  }
  MemoryParts area(cpu, op);
  area.probe(kFxSize - 1, 1, access);  // silicon tries the last byte first
  area.probe(0, 1, access);
  return area;
}

bool has_xmm(const Cpu& cpu) { return cpu.model.has(kFeatureSse) && (cpu.cr4 & kCr4OSFXSR) != 0; }

void fxsave(Cpu& cpu, const Op& op) {
  MemoryParts block = fx_area(cpu, op, Access::kWrite);
  const X87State& s = cpu.x87;
  Unit unit(cpu.x87);
  block.write<std::uint16_t>(kFxControl, s.control);
  block.write<std::uint16_t>(kFxStatus, s.status);
  block.write<std::uint16_t>(kFxTags, unit.abridged_tags());
  block.write<std::uint16_t>(kFxOpcode, s.opcode);
  block.write<std::uint32_t>(kFxIp, s.ip_offset);
  block.write<std::uint32_t>(kFxIpSelector, s.ip_selector);
  block.write<std::uint32_t>(kFxData, s.data_offset);
  block.write<std::uint32_t>(kFxDataSelector, s.data_selector);
  const bool sse = cpu.model.has(kFeatureSse);
  block.write<std::uint32_t>(kFxMxcsr, sse ? s.mxcsr : 0);
  block.write<std::uint32_t>(kFxMxcsrMask, cpu.model.has(kFeatureDaz) ? mxcsr_mask(cpu.model) : 0);
  for (unsigned i = 0; i < 8; ++i) {
    const Float80 value = unit.st(i);
    block.write<std::uint64_t>(kFxRegisters + 16 * i, value.significand);
    block.write<std::uint64_t>(kFxRegisters + 16 * i + 8, value.sign_exp);
  }
  if (!has_xmm(cpu)) return;
  for (unsigned i = 0; i < 8; ++i) {
    block.write<std::uint64_t>(kFxXmm + 16 * i, s.xmm[i][0]);
    block.write<std::uint64_t>(kFxXmm + 16 * i + 8, s.xmm[i][1]);
  }
}

void check_mxcsr(Cpu& cpu, std::uint32_t value) {
  if ((value & ~mxcsr_mask(cpu.model)) == 0) return;
  FaultDetail detail;
  detail.offset = value;
  cpu.raise(Cause::kGpMxcsrReserved, 0, detail);
}

void fxrstor(Cpu& cpu, const Op& op) {
  MemoryParts block = fx_area(cpu, op, Access::kRead);
  const bool xmm = has_xmm(cpu);
  const auto mxcsr = block.read<std::uint32_t>(kFxMxcsr);
  if (xmm) check_mxcsr(cpu, mxcsr);
  X87State& s = cpu.x87;
  Unit unit(s);
  s.status = block.read<std::uint16_t>(kFxStatus);
  unit.set_control(block.read<std::uint16_t>(kFxControl));
  s.opcode = block.read<std::uint16_t>(kFxOpcode) & 0x7FF;
  s.ip_offset = block.read<std::uint32_t>(kFxIp);
  s.ip_selector = block.read<std::uint16_t>(kFxIpSelector);
  s.data_offset = block.read<std::uint32_t>(kFxData);
  s.data_selector = block.read<std::uint16_t>(kFxDataSelector);
  // Tags and MXCSR come before the registers: a limit in the midst of these finds them loaded.
  const unsigned full = block.read<std::uint16_t>(kFxTags);
  unsigned tags = 0;
  for (unsigned n = 0; n < 8; ++n) tags |= ((full >> n & 1) != 0 ? 0u : kTagEmpty) << (2 * n);
  unit.set_tags(static_cast<std::uint16_t>(tags));
  if (xmm) s.mxcsr = mxcsr;
  for (unsigned i = 0; i < 8; ++i) {
    unit.set_physical(unit.top() + i, {block.read<std::uint64_t>(kFxRegisters + 16 * i),
                                       block.read<std::uint16_t>(kFxRegisters + 16 * i + 8)});
  }
  if (!xmm) return;
  for (unsigned i = 0; i < 8; ++i) {
    // A limit in the middle of a register leaves all of it as it was.
    const auto low = block.read<std::uint64_t>(kFxXmm + 16 * i);
    const auto high = block.read<std::uint64_t>(kFxXmm + 16 * i + 8);
    s.xmm[i][0] = low;
    s.xmm[i][1] = high;
  }
}

/// #NM for both CR0.EM and CR0.TS, as for the x87's own instructions. Editions of SDM Vol. 2 between have #UD for EM;
/// the first and the present one have #NM.
void check_available(Cpu& cpu, bool exists) {
  if (!exists) cpu.raise(Cause::kUdOpcode);
  if ((cpu.cr0 & kCr0EM) != 0) cpu.raise(Cause::kNmEmulate);
  if ((cpu.cr0 & kCr0TS) != 0) cpu.raise(Cause::kNmTaskSwitched);
}

void check_mxcsr_access(Cpu& cpu) {
  if (!cpu.model.has(kFeatureSse)) cpu.raise(Cause::kUdOpcode);
  simd::check_sse(cpu);
}

/// SDM Vol. 2A, "CLFLUSH": as a load of one byte, but from an execute-only segment, too.
void flush_line(Cpu& cpu, const Op& op) {
  const std::uint32_t offset = effective_offset(cpu, op);
  const Segment& s = cpu.seg[op.seg];
  if (s.usable && !s.readable() && offset <= s.limit) {
    cpu.place_linear(s.base + offset, 1, Access::kRead, cpu.cpl == 3);
  } else {
    cpu.read<std::uint8_t>(op.seg, offset);
  }
}

}  // namespace

void group15(Cpu& cpu, const Op& op) {
  const unsigned reg = op.extra >> 3 & 7u;
  if ((op.flags & kMemory) == 0) {
    // 5 LFENCE and 6 MFENCE came with SSE2, 7 SFENCE with SSE.
    const bool fence = (reg == 7 && cpu.model.has(kFeatureSse)) || ((reg == 5 || reg == 6) && cpu.model.has(kFeatureSse2));
    if (!fence) cpu.raise(Cause::kUdOpcode);
    return;
  }
  switch (reg) {
    case 0:
    case 1: {
      check_available(cpu, cpu.model.has(kFeatureFxsr));
      const bool was_pending = (cpu.x87.status & kErrorSummary) != 0;
      if (reg == 0) return fxsave(cpu, op);
      fxrstor(cpu, op);
      if (was_pending && (cpu.x87.status & kErrorSummary) == 0) cpu.bus.set_ferr(false);
      return;
    }
    case 2: {
      check_mxcsr_access(cpu);
      const auto value = cpu.read<std::uint32_t>(op.seg, effective_offset(cpu, op));
      check_mxcsr(cpu, value);
      cpu.x87.mxcsr = value;
      return;
    }
    case 3:
      check_mxcsr_access(cpu);
      return cpu.write<std::uint32_t>(op.seg, effective_offset(cpu, op), cpu.x87.mxcsr);
    case 7:
      // CLFLUSH: there are no caches, but the line is accessed as by a load of one byte, at any CPL.
      if (!cpu.model.has(kFeatureClflush)) cpu.raise(Cause::kUdOpcode);
      return flush_line(cpu, op);
    default: cpu.raise(Cause::kUdOpcode);
  }
}

}  // namespace ringside::exact
