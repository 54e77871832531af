// The I/O permission map: one bit at a time, its ends, and who needs it at all.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

void fill_map(uint32_t value) {
  for (uint32_t i = 0x68; i <= kMainTssLimit + 4; i += 4) put32(kMainTss + i, value);
}

/// An access of `size` at a port from the state; only whether it was allowed counts.
void port_case(State s, uint32_t port, unsigned size, bool write, uint32_t at = kCode, unsigned bits = 32) {
  s.gpr[kEdx] = port;
  Assembler code(at, bits);
  if (write)
    code.out(size);
  else
    code.in(size);
  code.ud2();
  report(run(s));
}

}  // namespace

void io_map() {
  // One port forbidden, the others allowed, and the other way round.
  constexpr uint32_t kBase = 0x80;
  put16(kMainTss + 0x66, kBase);
  for (unsigned inverse = 0; inverse < 2; ++inverse) {
    for (unsigned start = 0; start < 8; ++start) {
      for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned bit = 0; bit < 6; ++bit) {
          begin_case();
          note("inverse", inverse), note("port", 0x310 + start), note("size", size), note("bit", bit - 1);
          fill_map(inverse != 0 ? ~0u : 0);
          put16(kMainTss + 0x66, kBase);
          const uint32_t marked = 0x310 + start + bit - 1;
          const uint32_t byte = kMainTss + kBase + marked / 8;
          put8(byte, get8(byte) ^ 1u << (marked % 8));
          port_case(start_state(3), 0x310 + start, size, false);
          end_case();
        }
      }
    }
  }
  // The map's end: the byte behind the last one that counts must lie in the TSS as well.
  fill_map(0);
  for (unsigned kind = 0; kind < 3; ++kind) {
    for (unsigned size = 1; size <= 4; size *= 2) {
      for (unsigned delta = 0; delta < 5; ++delta) {
        const uint32_t port = kind == 0 ? 0x310u : kind == 1 ? 0x317u : 0x31Eu;
        begin_case();
        note("port", port), note("size", size), note("bytes left behind the first", delta - 2);
        const uint32_t base = kMainTssLimit + 2 - delta - port / 8;
        put16(kMainTss + 0x66, base);
        port_case(start_state(3), port, size, (delta & 1) != 0);
        end_case();
      }
    }
  }
  static const uint32_t kBases[] = {
      0x68,   0x100,  0x1000, kMainTssLimit - 0x63, kMainTssLimit, kMainTssLimit + 1, 0xDFFF,
      0xE000, 0xFFFE, 0xFFFF};
  for (const uint32_t base : kBases) {
    for (unsigned size = 1; size <= 4; size *= 2) {
      begin_case();
      note("base", base), note("size", size);
      put16(kMainTss + 0x66, base);
      port_case(start_state(3), 0x310, size, false);
      end_case();
    }
  }
  // The last ports.
  for (uint32_t port = 0xFFFC; port <= 0xFFFF; ++port) {
    for (unsigned size = 1; size <= 4; size *= 2) {
      if (port + size > 0x10000) continue;
      for (unsigned delta = 0; delta < 3; ++delta) {
        begin_case();
        note("port", port), note("size", size), note("delta", delta);
        put16(kMainTss + 0x66, kMainTssLimit - 0x1FFF - delta);
        port_case(start_state(3), port, size, false);
        end_case();
      }
    }
  }
  // CPL against IOPL, with the map open and closed.
  for (unsigned open = 0; open < 2; ++open) {
    fill_map(open != 0 ? 0 : ~0u);
    put16(kMainTss + 0x66, kBase);
    for (unsigned cpl = 0; cpl < 4; ++cpl) {
      for (unsigned level = 0; level < 4; ++level) {
        for (unsigned write = 0; write < 2; ++write) {
          begin_case();
          note("open", open), note("cpl", cpl), note("iopl", level), note("write", write);
          State s = start_state(cpl);
          s.eflags |= iopl(level);
          port_case(s, 0x310, 1, write != 0);
          end_case();
        }
      }
    }
    // In virtual-8086 mode the map counts at every IOPL.
    for (unsigned level = 0; level < 4; ++level) {
      for (unsigned size = 1; size <= 4; size *= 2) {
        begin_case();
        note("open", open), note("v86 iopl", level), note("size", size);
        port_case(v86_state(level), 0x310, size, false, kRealCode, 16);
        end_case();
      }
    }
  }
  // A TSS of 16 bits has no map.
  for (unsigned is16 = 0; is16 < 2; ++is16) {
    for (unsigned level = 0; level < 4; level += 3) {
      begin_case();
      note("16-bit TSS", is16), note("iopl", level);
      for (uint32_t i = 0; i < 0x800; i += 4) put32(kTaskA + i, 0);
      put32(kTaskA + (is16 != 0 ? 2 : 4),
            is16 != 0 ? (stack_top(0) - kStacks) | data16(0) << 16 : stack_top(0));
      if (is16 == 0) put32(kTaskA + 8, data32(0));
      put16(kTaskA + 0x66, 0x80);
      put_segment(descriptor_at(kTaskASelector), kTaskA, 0x7FF, is16 != 0 ? 0x81 : 0x89, 0);
      State s = start_state(0);
      s.gpr[kEax] = kTaskASelector;
      s.gpr[kEdx] = 0x310;
      s.gpr[kEsp] -= 20;
      const uint32_t frame[] = {kCode + 0x800, code32(3), 2 | iopl(level), stack_top(3), data32(3)};
      for (unsigned i = 0; i < 5; ++i) put32(s.gpr[kEsp] + 4 * i, frame[i]);
      Assembler code(kCode);
      code.group6(Kind::kLtr);
      code.iret();
      Assembler outer(kCode + 0x800);
      outer.in(1);
      outer.ud2();
      report(run(s));
      end_case();
    }
  }
}

}  // namespace privileged
