// What the window's panels show, without a window, on the demo guest.
#include <gtest/gtest.h>

#include <set>

#include "cpu/descriptor.h"
#include "debugger/inspect/descriptor_views.h"
#include "debugger/inspect/device_views.h"
#include "debugger/inspect/listing.h"
#include "debugger/inspect/memory_views.h"
#include "debugger/inspect/page_tables.h"
#include "debugger/inspect/point_views.h"
#include "debugger/inspect/processor_view.h"
#include "debugger/inspect/register_fields.h"
#include "debugger/inspect/session.h"
#include "debugger/inspect/text.h"
#include "debugger/inspect/time_bar.h"
#include "debugger/inspect/trap_views.h"
#include "tests/debugger/inspect/demo_session.h"

namespace ringside {
namespace {

const KnownTrap* find_cause(const Session& session, Cause cause) {
  for (const KnownTrap& trap : session.traps().traps())
    if (trap.fault && trap.fault->cause == cause) return &trap;
  return nullptr;
}

TEST(Explanations, EveryCauseHasOne) {
  std::set<std::string> texts;
  for (unsigned i = 0; i < static_cast<unsigned>(Cause::kCount); ++i) {
    const auto cause = static_cast<Cause>(i);
    const std::string text = explanation_of(cause);
    EXPECT_GT(text.size(), 25u) << cause_name(cause);
    EXPECT_TRUE(text.empty() || text.back() == '.') << cause_name(cause);
    EXPECT_TRUE(texts.insert(text).second) << cause_name(cause) << " has another one's";
  }
}

TEST(Inspect, DemoReachesItsPrompt) { EXPECT_TRUE(contains(ready().serial().kept(), "demo: ready")); }

TEST(Inspect, DeliberateFaultsAreExplained) {
  Session& session = ready();
  unsigned faults = 0;
  for (const KnownTrap& trap : session.traps().traps()) {
    if (!trap.fault) continue;
    ++faults;
    const std::string text = explain_trap(session, trap.number).text();
    EXPECT_TRUE(contains(text, explanation_of(trap.fault->cause))) << cause_name(trap.fault->cause);
    EXPECT_TRUE(contains(text, "The frame that was pushed") || contains(text, "The gate is a task gate")) << text;
  }
  EXPECT_GE(faults, 20u);
}

TEST(Inspect, PageFaultShowsEntriesErrorCodeAndFrame) {
  Session& session = ready();
  const KnownTrap* trap = find_cause(session, Cause::kPfUserSupervisor);
  ASSERT_NE(trap, nullptr);
  const std::string text = explain_trap(session, trap->number).text();
  EXPECT_TRUE(contains(text, "Page-directory entry at")) << text;
  EXPECT_TRUE(contains(text, "the access came from CPL 3")) << text;
  EXPECT_TRUE(contains(text, "RPL 3")) << text;
  EXPECT_EQ(trap->frame[1], trap->event.from_eip);
  EXPECT_EQ(trap->frame[2] & 0xFFFF, trap->event.from_cs);
}

TEST(Inspect, DoubleFaultShowsItsChain) {
  Session& session = ready();
  const KnownTrap* trap = find_cause(session, Cause::kDfPageFault);
  ASSERT_NE(trap, nullptr);
  EXPECT_TRUE(contains(explain_trap(session, trap->number).text(), "double"));
}

TEST(Inspect, WalkAgreesWithTheProcessor) {
  Session& session = ready();
  Cpu& cpu = session.machine().cpu();
  ASSERT_TRUE(cpu.paging());
  for (const std::uint32_t linear : {0xC0100000u, 0xC0101234u, 0u, 0x400000u, 0x800000u, 0xFFFFF000u, 0xB8000u}) {
    for (const Access access : {Access::kRead, Access::kWrite, Access::kExecute}) {
      for (const unsigned cpl : {0u, 3u}) {
        const WalkResult walk = walk_page(cpu, {linear, access, cpl});
        PhysAddr physical = 0;
        Fault fault;
        // On a copy of the answer only: the walk itself may set A and D, which the next comparison does not mind.
        const bool allowed = cpu.try_walk(linear, access, cpl == 3, physical, fault);
        EXPECT_EQ(walk.allowed, allowed) << hex32(linear);
        if (allowed) {
          EXPECT_EQ(walk.physical, physical);
        } else {
          EXPECT_EQ(walk.cause, fault.cause);
          EXPECT_EQ(walk.error_code, fault.error_code);
        }
      }
    }
  }
}

TEST(Inspect, PageTreeHoldsTheKernel) {
  Session& session = ready();
  const PageTree tree = page_tree(session.machine().cpu());
  ASSERT_TRUE(tree.paging);
  bool kernel = false;
  for (const PageRegion& region : tree.regions)
    for (const PageRun& run : region.runs) kernel |= run.linear <= 0xC0100000 && run.linear + run.bytes > 0xC0100000 && !run.user;
  EXPECT_TRUE(kernel) << view_page_tree(tree).text();
  EXPECT_TRUE(contains(view_tlb(session.machine().cpu()).text(), "code"));
}

TEST(Inspect, ListingFollowsEipAndLooksBack) {
  Session& session = ready();
  const Cpu& cpu = session.machine().cpu();
  const std::uint32_t here = cpu.seg[kCS].base + cpu.eip;
  const Listing listing = list_code(cpu, here, 5, 10, &session.names());
  unsigned before = 0;
  while (before < listing.lines.size() && listing.lines[before].linear != here) ++before;
  ASSERT_LT(before, listing.lines.size());
  EXPECT_GE(before, 1u);
  EXPECT_TRUE(listing.lines[before].current);
  for (std::size_t i = 1; i < listing.lines.size(); ++i)
    EXPECT_EQ(listing.lines[i].linear, listing.lines[i - 1].linear + listing.lines[i - 1].length);
}

TEST(Inspect, DescriptorTables) {
  Session& session = ready();
  const Cpu& cpu = session.machine().cpu();
  const std::string gdt = view_descriptor_table(cpu, DescriptorTable::kGdt, &session.names()).text();
  EXPECT_TRUE(contains(gdt, "code, readable, DPL 0, base 00000000, limit FFFFFFFF, 32-bit")) << gdt;
  EXPECT_TRUE(contains(gdt, "32-bit TSS, busy")) << gdt;
  EXPECT_TRUE(contains(view_descriptor_table(cpu, DescriptorTable::kIdt, &session.names()).text(), "32-bit interrupt gate"));
  EXPECT_TRUE(contains(view_descriptor_table(cpu, DescriptorTable::kTss, &session.names()).text(), "ESP0"));
}

TEST(Inspect, SelectorChecks) {
  const Cpu& cpu = ready().machine().cpu();
  EXPECT_EQ(check_selector(cpu, {0x10, 3, SelectorUse::kLoadData}).cause, Cause::kGpDataDpl);
  EXPECT_TRUE(check_selector(cpu, {0x10, 0, SelectorUse::kLoadStack}).allowed);
  EXPECT_EQ(check_selector(cpu, {0x10, 3, SelectorUse::kLoadStack}).cause, Cause::kGpStackRpl);
  EXPECT_EQ(check_selector(cpu, {0, 0, SelectorUse::kLoadStack}).cause, Cause::kGpStackNull);
  EXPECT_TRUE(check_selector(cpu, {0, 3, SelectorUse::kLoadData}).allowed);
  EXPECT_EQ(check_selector(cpu, {0xFFF8, 0, SelectorUse::kLoadData}).cause, Cause::kGpBeyondGdt);
  EXPECT_EQ(check_selector(cpu, {8, 3, SelectorUse::kFarJump}).cause, Cause::kGpCodeDpl);
  const SelectorAnswer call = check_selector(cpu, {0x80, 3, SelectorUse::kInterrupt});
  EXPECT_TRUE(call.allowed);
  EXPECT_EQ(call.new_cpl, 0u);
  EXPECT_EQ(check_selector(cpu, {0x20, 3, SelectorUse::kInterrupt}).cause, Cause::kGpIdtDpl);
  EXPECT_TRUE(contains(view_selector_check(cpu, {0x20, 3, SelectorUse::kInterrupt}).text(), "#GP"));
}

TEST(Inspect, MemoryAndSearch) {
  Session& session = ready();
  const std::uint32_t eip = session.machine().cpu().eip;
  EXPECT_TRUE(contains(memory_text(view_memory(session, eip, false, 4)), hex32(eip & ~15u)));
  const std::vector<std::uint8_t> wanted = search_bytes("\"demo: ready\"");
  ASSERT_EQ(wanted.size(), 11u);
  const auto found = search_memory(session, wanted, 0, true);
  ASSERT_TRUE(found.has_value());
  std::string there(11, ' ');
  session.machine().memory().peek(*found, there.data(), there.size());
  EXPECT_EQ(there, "demo: ready");
  EXPECT_EQ(search_bytes("CD 80"), (std::vector<std::uint8_t>{0xCD, 0x80}));
  EXPECT_TRUE(search_bytes("CD 8").empty());
}

TEST(Inspect, EveryViewSaysSomething) {
  Session& session = ready();
  const Cpu& cpu = session.machine().cpu();
  for (const Document& document :
       {view_general_registers(cpu), view_flags(cpu), view_segments(cpu), view_control_registers(cpu), view_debug_registers(cpu), view_x87(cpu), view_sse(cpu),
        view_pic(session), view_pit(session), view_kbc(session), view_uart(session), view_rtc(session), view_ide(session), view_vga(session), view_dma(session),
        view_pci(session), view_log(session), view_statistics(session), view_stack(session, 32), view_blocks(session, std::nullopt),
        rings_document(view_rings(session, 10)), view_explained_fault(session, std::nullopt)})
    EXPECT_GT(document.text().size(), 20u);
  EXPECT_TRUE(contains(view_general_registers(cpu).text(), "32-bit protected mode, paging"));
  EXPECT_GT(view_rings(session, 10).transitions[3][0], 0u);
  EXPECT_FALSE(time_bar(session, 50).pieces.empty());
}

TEST(Inspect, WatchesNeverThrow) {
  const std::vector<WatchRow> rows = evaluate_watches(ready(), {"1 + 1", "kernel_main", "[0xFFFFFFF0]", "((", "no_such_name"});
  EXPECT_EQ(rows[0].value, 2u);
  EXPECT_FALSE(rows[3].error.empty());
  EXPECT_FALSE(rows[4].error.empty());
}

TEST(Inspect, LookingChangesNothing) {
  Session seen(demo_machine(), demo_options());
  Session unseen(demo_machine(), demo_options());
  for (int i = 0; i < 6; ++i) {
    seen.run_slice(3'000'000);
    unseen.run_slice(3'000'000);
    for (const auto& view : {view_pic, view_pit, view_kbc, view_uart, view_rtc, view_ide, view_vga, view_dma, view_pci, view_log, view_statistics}) view(seen);
    view_page_tree(page_tree(seen.machine().cpu()));
    view_tlb(seen.machine().cpu());
    view_blocks(seen, std::nullopt);
    view_stack(seen, 64);
    list_code(seen.machine().cpu(), seen.machine().cpu().eip, 8, 30, &seen.names());
  }
  EXPECT_EQ(seen.machine().state_hash(), unseen.machine().state_hash());
}

TEST(Session, StepsForwardsAndBackFromTheFirstInstruction) {
  Session session(demo_machine(), demo_options());
  const std::string before = session.machine().state_hash();
  for (int i = 0; i < 50; ++i) session.act(RunAction::kStep);
  EXPECT_EQ(session.machine().now(), 50u);
  for (int i = 0; i < 50; ++i) session.act(RunAction::kStepBack);
  EXPECT_EQ(session.machine().now(), 0u);
  EXPECT_EQ(session.machine().state_hash(), before);
  EXPECT_TRUE(contains(view_source(session, {}).why_not + view_source(session, {}).file, "bios.lst"));
}

TEST(Session, InputInThePastAsksFirst) {
  Session session(demo_machine(), demo_options());
  session.run_slice(2'000'000);
  session.travel({1'000'000, 0});
  EXPECT_FALSE(session.key(KeyCode::kA, true));
  session.start_new_future();
  EXPECT_TRUE(session.key(KeyCode::kA, true));
}

TEST(Session, PowerCycleKeepsPoints) {
  Session session(demo_machine(), demo_options());
  session.toggle_breakpoint(0x7C00);
  session.run_slice(200'000'000);
  EXPECT_EQ(session.machine().cpu().eip, 0x7C00u);
  session.power_cycle();
  EXPECT_EQ(session.machine().now(), 0u);
  EXPECT_EQ(session.debugger().points().size(), 1u);
  const Stop stop = session.run_slice(200'000'000);
  EXPECT_EQ(stop.why, StopWhy::kPoint);
}

TEST(Document, ChangesAreMarked) {
  Document before, now;
  before.table("t").add({label("EAX"), plain("1")});
  now.table("t").add({label("EAX"), plain("2")});
  mark_changes(now, before);
  EXPECT_TRUE(std::get<Table>(now.parts[0]).rows[0].cells[1].changed);
  mark_changes(now, now);
  EXPECT_FALSE(std::get<Table>(now.parts[0]).rows[0].cells[1].changed);
}

TEST(RegisterFields, DescriptorsAndErrorCodes) {
  EXPECT_EQ(descriptor_line(0x00CF9A000000FFFF), "code, readable, DPL 0, base 00000000, limit FFFFFFFF, 32-bit");
  EXPECT_EQ(descriptor_type(0x0000EE0000080000), "32-bit interrupt gate");
  const BitStrip strip = error_code_strip(Vector::kPF, 7);
  EXPECT_EQ(strip.fields.back().meaning, "the page was present: its rights were violated");
  EXPECT_EQ(set_fields(0x202, eflags_fields()), "IF");
}

}  // namespace
}  // namespace ringside
