// The models that the panels draw: what they say on the demo guest, and that saying it changes nothing.
#include <gtest/gtest.h>

#include <functional>

#include "cpu/block_cache.h"
#include "debugger/inspect/descriptor_views.h"
#include "debugger/inspect/device_views.h"
#include "debugger/inspect/disassembly_view.h"
#include "debugger/inspect/instruction_mix.h"
#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/page_tables.h"
#include "debugger/inspect/point_views.h"
#include "debugger/inspect/processor_view.h"
#include "debugger/inspect/text.h"
#include "debugger/inspect/time_bar.h"
#include "debugger/inspect/trap_views.h"
#include "debugger/register_edit.h"
#include "tests/debugger/inspect/demo_session.h"

namespace ringside {
namespace {

/// All that any panel asks, once.
std::string look_at_everything(Session& session, InstructionMix& mix) {
  const Cpu& cpu = session.machine().cpu();
  std::string all;
  for (const auto view : {view_general_registers, view_flags, view_segments, view_control_registers, view_debug_registers, view_x87, view_sse, view_tlb})
    all += view(cpu).text();
  for (const auto view : {view_pic, view_pit, view_kbc, view_uart, view_rtc, view_ide, view_vga, view_dma, view_pci, view_log, view_statistics})
    all += view(session).text();
  for (const auto table : {DescriptorTable::kGdt, DescriptorTable::kLdt, DescriptorTable::kIdt, DescriptorTable::kTss})
    all += view_descriptor_table(cpu, table, &session.names()).text();
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  all += view_descriptor(cpu, cpu.seg[kCS].selector).text();
  for (const auto use : {SelectorUse::kLoadData, SelectorUse::kLoadStack, SelectorUse::kFarJump, SelectorUse::kFarCall, SelectorUse::kInterrupt})
    all += view_selector_check(cpu, {0x20, 3, use}).text();
  all += view_page_tree(page_tree(cpu)).text() + view_walk(cpu, {here, Access::kWrite, 3}).text();
  all += disassembly_text(view_disassembly(session, {{}, 40, true, {}})) + disassembly_text(view_disassembly(session, {here - 64, 40, true, {}}));
  all += memory_text(view_memory(session, here, false, 16)) + memory_text(view_memory(session, 0xF0000, true, 16));
  all += view_stack(session, 64).text() + view_blocks(session, std::nullopt).text();
  all += rings_document(view_rings(session, 60)).text() + view_explained_fault(session, std::nullopt).text();
  all += points_text(point_rows(session)) + view_source(session, {}).file;
  const std::uint8_t wanted[] = {0xCD, 0x80};
  search_memory(session, wanted, 0, true);
  evaluate_watches(session, {"eax", "[esp]", "[0x12345678]"});
  trap_rows(session, {}, 200);
  trap_timeline(session, {}, 100);
  time_bar(session, 100);
  pic_lines(session);
  mix.sample(session);
  return all + mix.view().text();
}

TEST(Views, LookingAtEverythingAtManyPointsChangesNothing) {
  Session seen(demo_machine(), demo_options());
  Session unseen(demo_machine(), demo_options());
  InstructionMix mix;
  for (int i = 0; i < 60; ++i) {
    // Odd distances, so that the looks fall into all kinds of code.
    const Tick ticks = 1'500'007 + static_cast<Tick>(i) * 7'919;
    seen.run_slice(ticks);
    unseen.run_slice(ticks);
    EXPECT_GT(look_at_everything(seen, mix).size(), 5'000u);
    ASSERT_EQ(seen.machine().now(), unseen.machine().now());
    if (i % 10 != 9) continue;
    ASSERT_EQ(seen.machine().state_hash(), unseen.machine().state_hash());
  }
  EXPECT_EQ(seen.machine().state_hash(), unseen.machine().state_hash());
  EXPECT_EQ(seen.serial().kept(), unseen.serial().kept());
}

TEST(Views, RealModeIsLookedAtToo) {
  Session session(demo_machine(), demo_options());
  InstructionMix mix;
  EXPECT_TRUE(contains(look_at_everything(session, mix), "16-bit real mode"));
}

TEST(Views, DisassemblyKnowsSourceBlocksAndBranches) {
  Session& session = ready();
  const auto idle = session.names().address_of("idle");
  ASSERT_TRUE(idle.has_value());
  const Disassembly view = view_disassembly(session, {*idle, 20, true, {RINGSIDE_SOURCE_ROOT}});
  ASSERT_FALSE(view.listing.lines.empty());
  EXPECT_EQ(view.listing.lines[0].label, "idle");
  EXPECT_TRUE(contains(disassembly_text(view), "static void idle(void)"));
  EXPECT_FALSE(view.blocks.empty());
  ASSERT_FALSE(view.arrows.empty());
  EXPECT_LT(view.arrows[0].to, view.arrows[0].from);
}

TEST(Views, TimelineAndWaysCountWhatTheLogHolds) {
  Session& session = ready();
  TrapFilter filter;
  filter.returns = true;
  const TrapTimeline line = trap_timeline(session, filter, 64);
  ASSERT_EQ(line.pieces.size(), 64u);
  std::size_t sum = 0;
  for (const TrapTimeline::Piece& piece : line.pieces) {
    sum += piece.exceptions + piece.interrupts + piece.software + piece.others;
    EXPECT_EQ(piece.first.has_value(), piece.exceptions + piece.interrupts + piece.software + piece.others != 0);
  }
  EXPECT_EQ(sum, session.traps().traps().size());
  const RingView rings = view_rings(session, 10);
  std::uint64_t inward = 0;
  for (const RingView::Count& c : rings.ways)
    if (c.from == 3 && c.to == 0) inward += c.times;
  EXPECT_EQ(inward, rings.transitions[3][0]);
  EXPECT_TRUE(contains(ring_ways_document(rings).text(), "INT n"));
}

TEST(Views, RealModesInterruptsAreNoExceptions) {
  Session& session = ready();
  const std::string text = view_statistics(session).text();
  EXPECT_TRUE(contains(text, "10h")) << text;  // the BIOS's video service, by INT
  EXPECT_EQ(session.traps().count_of_vector(TrapKind::kException, 16), 0u) << "the demo raises no #MF";
  EXPECT_GT(session.traps().count_of_vector(TrapKind::kSoftwareInterrupt, 16), 10u);
}

TEST(Views, TranslationCacheShowsLinksAndCuts) {
  Session& session = ready();
  const std::string text = view_blocks(session, session.names().address_of("idle")).text();
  EXPECT_TRUE(contains(text, "linked to") || contains(text, "goes to")) << text;
  EXPECT_TRUE(contains(text, "HLT")) << text;
  EXPECT_GT(session.machine().cpu().blocks->counters.decoded, 100u);
  EXPECT_GT(session.machine().cpu().blocks->counters.tlb_misses, 0u);
}

TEST(Views, DiskCommandsAreRemembered) {
  Session& session = ready();
  ASSERT_FALSE(session.disks().commands().empty());
  EXPECT_TRUE(contains(view_ide(session).text(), "READ SECTORS"));
}

TEST(Views, RegistersAreEditedByName) {
  Session session(demo_machine(), demo_options());
  Cpu& cpu = session.machine().cpu();
  edit_register(cpu, "EAX", "0x1234");
  EXPECT_EQ(cpu.gpr[kEAX], 0x1234u);
  edit_register(cpu, "XMM3", "0123456789ABCDEFFEDCBA9876543210");
  EXPECT_EQ(cpu.x87.xmm[3][1], 0x0123456789ABCDEFull);
  EXPECT_EQ(cpu.x87.xmm[3][0], 0xFEDCBA9876543210ull);
  edit_register(cpu, "ST(0)", "-2.5");
  EXPECT_EQ(cpu.x87.reg[cpu.x87.status >> 11 & 7].sign_exp, 0xC000);
  EXPECT_EQ(cpu.x87.reg[cpu.x87.status >> 11 & 7].significand, 0xA000000000000000ull);
  EXPECT_TRUE(contains(view_x87(cpu).text(), "-2.5"));
  edit_register(cpu, "ST(1)", "3FFF 8000000000000000");
  // Real mode: a selector is a paragraph, for CS too.
  edit_register(cpu, "DS", "1234");
  EXPECT_EQ(cpu.seg[kDS].base, 0x12340u);
  edit_register(cpu, "ES base", "00100000");
  EXPECT_EQ(cpu.seg[kES].base, 0x100000u);
  edit_register(cpu, "CS", "F000");
  EXPECT_EQ(cpu.seg[kCS].base, 0xF0000u);
  edit_register(cpu, "DR7", "1");
  EXPECT_EQ(cpu.dr[7], 0x401u);
  EXPECT_TRUE(cpu.debug_active);
  edit_register(cpu, "DR0", "FE05B");
  edit_register(cpu, "GDTR limit", "27");
  EXPECT_EQ(cpu.gdtr.limit, 0x27u);
  for (const char* value : {"", "xyz", "123456789", "0x"}) EXPECT_THROW(edit_register(cpu, "EBX", value), DebuggerError) << value;
  for (const auto& [name, value] : {std::pair{"ST(0)", "two"}, std::pair{"DS", "12345"}, std::pair{"TR", "8"}, std::pair{"GDTR limit", "10000"},
                                    std::pair{"CR0", "80000000"}, std::pair{"CR1", "0"}, std::pair{"DR5", "0"}, std::pair{"no such", "0"}})
    EXPECT_THROW(edit_register(cpu, name, value), DebuggerError) << name;
}

TEST(Views, SystemRegistersAreEditedWithTheChecksOfAnInstruction) {
  Session session(demo_machine(), demo_options());
  Cpu& cpu = session.machine().cpu();
  while (!cpu.paging() || cpu.cpl != 0 || cpu.tr.selector == 0) session.run_slice(10'007);
  const std::string before = session.machine().state_hash();
  // A selector beyond the GDT, a code segment as a stack, a data segment as CS, paging without protection: refused, nothing changed.
  for (const auto& [name, value] : {std::pair{"DS", "FFF8"}, std::pair{"SS", "8"}, std::pair{"CS", "10"}, std::pair{"SS", "0"}, std::pair{"CS", "0"},
                                    std::pair{"TR", "10"}, std::pair{"LDTR", "8"}, std::pair{"CR0", "80000000"}, std::pair{"CR4", "FFFFFFFF"}}) {
    try {
      edit_register(cpu, name, value);
      FAIL() << name;
    } catch (const DebuggerError& error) {
      EXPECT_GT(std::string(error.what()).size(), 20u);
    }
  }
  EXPECT_EQ(session.machine().state_hash(), before);
  edit_register(cpu, "FS", "0");
  EXPECT_EQ(cpu.seg[kFS].usable, 0);
  edit_register(cpu, "FS", format("%X", cpu.seg[kSS].selector));
  EXPECT_NE(cpu.seg[kFS].usable, 0);
  edit_register(cpu, "CR0", format("%X", cpu.cr0 | kCr0WP));
  EXPECT_NE(cpu.cr0 & kCr0WP, 0u);
  // The guest goes on, with paging on the same tables.
  edit_register(cpu, "CR3", format("%X", cpu.cr3));
  session.edited();
  const Tick tick = session.machine().now();
  session.run_slice(100'000);
  EXPECT_EQ(session.machine().now(), tick + 100'000);
  EXPECT_NE(cpu.eip, 0u);
}

TEST(Views, A16BitTssIsDecoded) {
  Session session(demo_machine(), demo_options());
  Cpu& cpu = session.machine().cpu();
  while (!cpu.paging() || cpu.tr.selector == 0) session.run_slice(10'007);
  const std::string wide = view_descriptor_table(cpu, DescriptorTable::kTss, nullptr).text();
  EXPECT_TRUE(contains(wide, "EFLAGS") && contains(wide, "I/O map base")) << wide;
  cpu.tr.access = static_cast<std::uint8_t>(cpu.tr.access & ~8u);
  const std::string narrow = view_descriptor_table(cpu, DescriptorTable::kTss, nullptr).text();
  EXPECT_TRUE(contains(narrow, "FLAGS") && contains(narrow, "SP0") && contains(narrow, "LDT")) << narrow;
  EXPECT_FALSE(contains(narrow, "EFLAGS") || contains(narrow, "CR3")) << narrow;
  cpu.tr.limit = 20;
  EXPECT_TRUE(contains(view_descriptor_table(cpu, DescriptorTable::kTss, nullptr).text(), "beyond the limit"));
}

TEST(Views, TheDemoHasSourceFromItsBootSectorOn) {
  Session session(demo_machine(), demo_options());
  StopPointSpec spec;
  for (const auto& [address, words] : {std::pair{0x7C00u, "mbr.asm"}, std::pair{0x8000u, "loader.asm"}}) {
    spec.address = address;
    session.aim(spec);
    Stop stop;
    do {
      stop = session.run_slice(1'000'000);
    } while (stop.why == StopWhy::kLimit);
    const Cpu& cpu = session.machine().cpu();
    ASSERT_EQ(cpu.seg[kCS].base + cpu.eip, address);
    EXPECT_TRUE(contains(view_source(session, {}).file, words)) << view_source(session, {}).file;
  }
}

TEST(Views, MixIsSampledWhereTheGuestIs) {
  Session session(demo_machine(), demo_options());
  InstructionMix mix;
  for (int i = 0; i < 200; ++i) {
    session.run_slice(100'003);
    mix.sample(session);
    mix.sample(session);  // the same moment: no second sample
  }
  EXPECT_EQ(mix.samples(), 200u);
  EXPECT_TRUE(contains(mix.view().text(), "Instruction mix"));
}

TEST(Views, AbsentEntriesShowNoRights) {
  Session& session = ready();
  const std::string text = view_walk(session.machine().cpu(), {0, Access::kRead, 0}).text();
  EXPECT_TRUE(contains(text, "not present")) << text;
  EXPECT_FALSE(contains(text, "supervisor only")) << text;
}

}  // namespace
}  // namespace ringside
