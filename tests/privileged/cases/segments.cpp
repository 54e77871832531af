// Loads of segment registers and questions about descriptors: every type and right, from every ring.
#include "tests/privileged/cases/assembler.h"
#include "tests/privileged/cases/groups.h"
#include "tests/privileged/cases/harness.h"

namespace privileged {
namespace {

constexpr unsigned kLoadable[] = {kEs, kSs, kDs, kFs, kGs};

/// One load of `selector`, and which state the register and the descriptor are in afterwards.
void load_case(unsigned reg, unsigned cpl, uint32_t selector) {
  State s = start_state(cpl);
  s.gpr[kEax] = selector;
  Assembler code(kCode);
  code.mov_to_sreg(reg);
  code.ud2();
  const Outcome& out = run(s);
  report(out);
  hex(out.at.seg[reg] & 0xFFFF, 4);
}

void put_typed(uint32_t selector, unsigned access, unsigned flags) {
  put_segment(descriptor_at(selector), 0, 0xFFFFF, access, flags);
}

/// DS with every type, DPL, presence, CPL and RPL; SS the same.
void all_types(unsigned reg) {
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned rights = 0; rights < 8; ++rights) {
      const unsigned access = type | dpl_bits(rights & 3) | (rights < 4 ? kPresentBit : 0);
      for (unsigned level = 0; level < 16; ++level) {
        const unsigned cpl = level >> 2, rpl = level & 3;
        // System types differ in nothing that the processor looks at; two rights are enough.
        if (type < 16 && (rights & 3) != 3 && (rights & 3) != cpl) continue;
        begin_case();
        note("reg", reg), note("type", type), note("dpl", rights & 3), note("absent", rights >> 2);
        note("cpl", cpl), note("rpl", rpl);
        put_typed(kTest, access, kGranular | kBig);
        load_case(reg, cpl, kTest | rpl);
        field("a", access_of(kTest), 2);
        end_case();
      }
    }
  }
}

/// Selectors that miss their table, and null.
void odd_selectors() {
  static const uint32_t kSelectors[] = {0,      1,      2,      3,      4,      0x07,   0x1000,
                                        0x1003, 0x1008, 0xFFF8, 0xFFFB, 0xFFFC, 0xFFFF, 0x7C,
                                        0x7F,   0x84,   0x87,   0x0C,   0x0F};
  put_typed(kTestLocal, 0xF3, kGranular | kBig);
  put_typed(0x7C, 0xF3, kGranular | kBig);
  for (const uint32_t selector : kSelectors) {
    for (unsigned cpl = 0; cpl < 4; cpl += 3) {
      for (const unsigned reg : kLoadable) {
        begin_case();
        note("selector", selector), note("cpl", cpl), note("reg", reg);
        load_case(reg, cpl, selector);
        end_case();
      }
    }
  }
}

/// GDT limits that cut a descriptor off.
void table_limits() {
  for (uint32_t limit = kTest - 1; limit < kTest + 9; ++limit) {
    for (unsigned reg = kSs; reg <= kDs; ++reg) {
      begin_case();
      note("limit", limit), note("reg", reg);
      put_typed(kTest, 0x93, kGranular | kBig);
      State s = start_state(0);
      s.gdt_limit = limit;
      s.gpr[kEax] = kTest;
      Assembler code(kCode);
      code.mov_to_sreg(reg);
      code.ud2();
      report(run(s));
      end_case();
    }
  }
}

/// The other instructions that load: POP and LDS, LES, LSS, LFS, LGS, by both operand sizes.
void other_instructions() {
  static const unsigned kAccesses[] = {0x93, 0xF3, 0xF1, 0xF9, 0xFB, 0xFF, 0x73, 0xB3, 0x82, 0x9F};
  for (const unsigned access : kAccesses) {
    for (unsigned how = 0; how < 4; ++how) {
      for (const unsigned reg : kLoadable) {
        for (unsigned cpl = 0; cpl < 4; cpl += 3) {
          const unsigned size = (how & 1) != 0 ? 2 : 4;
          begin_case();
          note("access", access), note("how", how), note("reg", reg), note("cpl", cpl);
          put_typed(kTest, access, kGranular | kBig);
          State s = start_state(cpl);
          const uint32_t selector = kTest | cpl;
          Assembler code(kCode);
          if (how < 2) {
            s.gpr[kEsp] -= size;
            put16(s.gpr[kEsp], selector);
            code.pop_sreg(reg, size);
          } else {
            put32(kData, 0x12345678);
            put16(kData + size, selector);
            code.load_far(reg, kData, size);
          }
          code.ud2();
          const Outcome& out = run(s);
          report(out);
          hex(out.at.seg[reg] & 0xFFFF, 4);
          field("sp", out.at.gpr[kEsp] & 0xFFFF, 4);
          field("eax", out.at.gpr[kEax], 8);
          end_case();
        }
      }
    }
  }
}

/// What LAR, LSL, VERR and VERW say of one descriptor.
void query_case(unsigned cpl, uint32_t selector) {
  static const Kind kKinds[] = {Kind::kLar, Kind::kLsl, Kind::kVerr, Kind::kVerw};
  for (const Kind kind : kKinds) {
    State s = start_state(cpl);
    s.gpr[kEax] = selector;
    s.gpr[kEdx] = 0xCCCCCCCC;
    Assembler code(kCode);
    if (kind == Kind::kLar)
      code.lar();
    else if (kind == Kind::kLsl)
      code.lsl();
    else
      code.group6(kind);
    code.ud2();
    const Outcome& out = run(s);
    if (out.vector != 6 || out.at.eip == kCode) report(out);
    text((out.at.eflags & kZf) != 0 ? " Z" : " -");
    // Limit bits 19:16 of LAR's result are undefined.
    if (kind == Kind::kLar && (out.at.eflags & kZf) != 0)
      hex(out.at.gpr[kEdx] & 0xFFF0FFFF, 8);
    else if (kind == Kind::kLsl)
      hex(out.at.gpr[kEdx], 8);
    else if (out.at.gpr[kEdx] != 0xCCCCCCCC)
      hex(out.at.gpr[kEdx], 8);
  }
}

/// LLDT or LTR at ring 0, and what the registers hold then.
void load_task_register(Kind kind, uint32_t selector) {
  State s = start_state(0);
  s.gpr[kEax] = selector;
  Assembler code(kCode);
  code.group6(kind);
  code.ud2();
  const Outcome& out = run(s);
  report(out);
  field("tr", out.tr, 4);
  field("ldt", out.ldtr, 4);
}

void set_task_registers() {
  static const Kind kKinds[] = {Kind::kLldt, Kind::kLtr};
  for (const Kind kind : kKinds) {
    for (unsigned type = 0; type < 32; ++type) {
      for (unsigned how = 0; how < 4; ++how) {
        // Ring 0 with GDT, absent, RPL 3, and the LDT.
        const uint32_t selector = how == 3 ? kTestLocal : how == 2 ? kTest | 3u : kTest;
        begin_case();
        note("ltr", kind == Kind::kLtr), note("type", type), note("how", how);
        put_segment(descriptor_at(selector), kTaskA, 0x67, type | (how == 1 ? 0 : kPresentBit), 0);
        load_task_register(kind, selector);
        field("a", access_of(selector), 2);
        end_case();
      }
    }
    static const uint32_t kSelectors[] = {0, 1, 3, 4, 7, 0x1000, 0x84, 0xFFFC, 0xFFF8};
    for (const uint32_t selector : kSelectors) {
      begin_case();
      note("ltr", kind == Kind::kLtr), note("selector", selector);
      load_task_register(kind, selector);
      end_case();
    }
  }
}

}  // namespace

void segment_loads() {
  all_types(kDs);
  all_types(kSs);
  odd_selectors();
  table_limits();
  other_instructions();
}

void descriptor_queries() {
  for (unsigned type = 0; type < 32; ++type) {
    for (unsigned rights = 0; rights < 8; ++rights) {
      for (unsigned level = 0; level < 16; ++level) {
        const unsigned cpl = level >> 2, rpl = level & 3;
        if (rights >= 4 && rpl != cpl) continue;
        begin_case();
        note("type", type), note("dpl", rights & 3), note("absent", rights >> 2), note("cpl", cpl),
            note("rpl", rpl);
        const unsigned flags = (type & 1) != 0 ? kGranular | kBig : 1u;
        put_segment(descriptor_at(kTest), 0x12345678, 0x54321,
                    type | dpl_bits(rights & 3) | (rights < 4 ? kPresentBit : 0), flags);
        query_case(cpl, kTest | rpl);
        end_case();
      }
    }
  }
  static const uint32_t kSelectors[] = {0, 3, 4, 7, 0x1000, 0x84, 0xFFFF, 0x0C};
  for (const uint32_t selector : kSelectors) {
    begin_case();
    note("selector", selector);
    query_case(3, selector);
    end_case();
  }
  set_task_registers();
}

}  // namespace privileged
