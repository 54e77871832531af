// The debugger on the demo guest: every kind of point, both directions, and that the guest does not notice.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "debugger/conditions.h"
#include "debugger/debugger.h"
#include "debugger/instruction_kind.h"
#include "debugger/machine_values.h"
#include "debugger/symbols.h"
#include "machine/machine.h"
#include "machine/state_diff.h"
#include "machine/time_travel.h"

namespace ringside {
namespace {

constexpr Tick kShell = 100'000'000;  // the demo's prompt is there by now

MachineConfig demo_config() {
  MachineConfig config;
  config.memory = 16 << 20;
  config.kernel = std::string(RINGSIDE_GUEST_DIRECTORY) + "/demo/demo.elf";
  return config;
}

class DebuggerTest : public testing::Test {
 protected:
  DebuggerTest() : machine(demo_config()), time(machine), debugger(machine, &time) {
    debugger.load_symbols(demo_config().kernel);
  }
  std::uint32_t symbol(const std::string& name) { return debugger.symbols().address_of(name).value_or(0); }
  std::uint32_t here() { return machine.cpu().seg[kCS].base + machine.cpu().eip; }
  std::string name_here() { return debugger.symbols().name_of(here()); }
  StopPointSpec at(const std::string& name) { return {.kind = PointKind::kInstruction, .address = symbol(name)}; }
  std::uint32_t dword(std::uint32_t linear) {
    std::uint32_t value = 0;
    EXPECT_TRUE(peek_linear(machine.cpu(), linear, &value, 4));
    return value;
  }
  /// The machine as it is must be the one that an undisturbed run has here.
  void expect_undisturbed() {
    Machine free(demo_config());
    free.run(machine.now());
    if (machine.moment().step == 0 && free.state_hash() == machine.state_hash()) return;
    for (std::uint32_t i = 0; i < machine.moment().step; ++i) free.step();
    EXPECT_EQ(free.state_hash(), machine.state_hash());
    if (HasFailure())
      for (const std::string& line : state_difference(free, machine)) ADD_FAILURE() << line;
  }

  Machine machine;
  TimeTravel time;
  Debugger debugger;
};

TEST_F(DebuggerTest, StopsAtAFunction) {
  ASSERT_NE(symbol("kernel_main"), 0u);
  debugger.add(at("kernel_main"));
  const Stop stop = debugger.run(kShell);
  ASSERT_EQ(stop.why, StopWhy::kPoint) << describe(stop);
  EXPECT_EQ(name_here(), "kernel_main");
  EXPECT_EQ(stop.hits.at(0).before, stop.moment);
  expect_undisturbed();
  // Going on passes it.
  EXPECT_EQ(debugger.run(kShell).why, StopWhy::kLimit);
  expect_undisturbed();
}

TEST_F(DebuggerTest, PhysicalAndFarAddressesMeanTheSameInstruction) {
  debugger.run_to(at("kernel_main"));
  PhysAddr physical = 0;
  ASSERT_TRUE(machine.cpu().peek_translate(symbol("tasks_init"), physical));
  const int id = debugger.add({.kind = PointKind::kInstruction, .space = AddressSpace::kPhysical, .address = physical});
  const int far = debugger.add({.kind = PointKind::kInstruction, .space = AddressSpace::kFar,
                                .selector = machine.cpu().seg[kCS].selector, .address = symbol("tasks_init")});
  const Stop stop = debugger.run(kShell);
  ASSERT_EQ(stop.why, StopWhy::kPoint) << describe(stop);
  ASSERT_EQ(stop.hits.size(), 2u);
  EXPECT_EQ(std::min(stop.hits[0].id, stop.hits[1].id), std::min(id, far));
  EXPECT_EQ(name_here(), "tasks_init");
}

TEST_F(DebuggerTest, ConditionsAndIgnoredHits) {
  debugger.run_to(at("kernel_main"));
  StopPointSpec spec = at("print");
  spec.ignore = 3;
  const int id = debugger.add(spec);
  ASSERT_EQ(debugger.run(kShell).why, StopWhy::kPoint);
  EXPECT_EQ(debugger.point(id)->hits, 4u);
  debugger.set_condition(id, "[esp+4] == 0");
  EXPECT_EQ(debugger.run(machine.now() + 100'000).why, StopWhy::kLimit);
  EXPECT_THROW(debugger.set_condition(id, "eax =="), DebuggerError);
  EXPECT_THROW(debugger.set_condition(id, "nonsense > 1"), DebuggerError);
}

TEST_F(DebuggerTest, WritesStopBehindTheInstructionAndBackInFrontOfIt) {
  debugger.run_to(at("fault_tour"));
  const std::uint32_t armed = symbol("armed");
  ASSERT_NE(armed, 0u);
  const std::uint32_t before = dword(armed);
  debugger.add({.kind = PointKind::kMemory, .address = armed, .size = 4});
  const Stop stop = debugger.run(kShell);
  ASSERT_EQ(stop.why, StopWhy::kPoint) << describe(stop);
  EXPECT_EQ(stop.hits.at(0).linear, armed);
  EXPECT_TRUE(stop.hits.at(0).write);
  EXPECT_LT(stop.hits[0].before, stop.moment);
  EXPECT_NE(dword(armed), before);
  expect_undisturbed();
  const Stop second = debugger.run(kShell);
  ASSERT_EQ(second.why, StopWhy::kPoint);
  EXPECT_GT(second.moment, stop.moment);
  // Back over the second write, then over the first.
  const Stop back = debugger.run_back();
  ASSERT_EQ(back.why, StopWhy::kPoint);
  EXPECT_EQ(back.moment, second.hits[0].before);
  const Stop first = debugger.run_back();
  ASSERT_EQ(first.why, StopWhy::kPoint);
  EXPECT_EQ(first.moment, stop.hits[0].before);
  EXPECT_EQ(dword(armed), before);
  expect_undisturbed();
}

TEST_F(DebuggerTest, ReadsAreSeenWhereWritesAreNot) {
  debugger.run_to(at("fault_tour"));
  debugger.add({.kind = PointKind::kMemory, .address = symbol("armed"), .size = 4, .on_read = true, .on_write = false});
  const Stop stop = debugger.run(kShell);
  ASSERT_EQ(stop.why, StopWhy::kPoint) << describe(stop);
  EXPECT_FALSE(stop.hits.at(0).write);
  expect_undisturbed();
}

TEST_F(DebuggerTest, PageFaultAndBackToIt) {
  debugger.run_to(at("fault_tour"));
  const int id = debugger.add({.kind = PointKind::kVector, .vector = 14});
  const Stop stop = debugger.run(kShell);
  ASSERT_EQ(stop.why, StopWhy::kPoint) << describe(stop);
  EXPECT_EQ(stop.hits.at(0).number, 14u);
  expect_undisturbed();
  debugger.remove(id);
  // The step back undoes the delivery; the step repeats it.
  debugger.step_back();
  EXPECT_EQ(machine.moment(), stop.hits[0].before);
  EXPECT_EQ(machine.cpu().eip, stop.hits[0].eip);
  debugger.step();
  EXPECT_EQ(machine.moment(), stop.moment);
  debugger.run(machine.now() + 1'000'000);
  const Stop back = debugger.run_back_to({.kind = PointKind::kVector, .vector = 14, .vector_kinds = kExceptions});
  ASSERT_EQ(back.why, StopWhy::kPoint) << describe(back);
  EXPECT_EQ(back.hits.at(0).number, 14u);
}

TEST_F(DebuggerTest, PortsRingsControlRegistersTicksAndText) {
  const auto until = [&](StopPointSpec spec) {
    const Stop stop = debugger.run_to(spec, kShell);
    EXPECT_EQ(stop.why, StopWhy::kPoint) << describe(spec) << ": " << describe(stop);
    return stop.hits.empty() ? Hit{} : stop.hits[0];
  };
  const Hit paging = until({.kind = PointKind::kControlRegister, .number = 0, .condition = "value & 0x80000000"});
  EXPECT_TRUE(machine.cpu().paging());
  EXPECT_TRUE(paging.write);
  EXPECT_EQ(until({.kind = PointKind::kPort, .first_port = 0x3F8, .last_port = 0x3FF}).write, true);
  until({.kind = PointKind::kSerialText, .text = "Two processes"});
  until({.kind = PointKind::kRingChange, .ring = 3});
  EXPECT_EQ(machine.cpu().cpl, 3);
  until({.kind = PointKind::kScreenText, .text = "primes"});
  EXPECT_EQ(machine.now() % kScreenLook, 0u);
  const Tick tick = machine.now() + 12'345;
  until({.kind = PointKind::kTick, .tick = tick});
  EXPECT_EQ(machine.now(), tick);
  expect_undisturbed();
  // And back through all of it.
  const Stop ring = debugger.run_back_to({.kind = PointKind::kRingChange, .ring = 3});
  EXPECT_EQ(ring.why, StopWhy::kPoint);
  EXPECT_EQ(machine.cpu().cpl, 0);
  const Stop on = debugger.run_back_to({.kind = PointKind::kControlRegister, .number = 0});
  EXPECT_EQ(on.why, StopWhy::kPoint);
  expect_undisturbed();
  const Stop nothing = debugger.run_back_to({.kind = PointKind::kMsr});
  EXPECT_EQ(nothing.why, StopWhy::kNotFound);
  EXPECT_EQ(nothing.moment, on.moment);
}

TEST_F(DebuggerTest, StepsOverOutAndBack) {
  debugger.run_to(at("memory_init"));
  const std::uint32_t inside = here();
  const Stop out = debugger.step_out();
  ASSERT_EQ(out.why, StopWhy::kStepped) << describe(out);
  EXPECT_TRUE(name_here().starts_with("kernel_main+")) << name_here();
  const Moment after = machine.moment();
  // Back over the call, into it, and out of it again.
  debugger.step_back_over();
  EXPECT_TRUE(name_here().starts_with("kernel_main+")) << name_here();
  EXPECT_EQ(shape_here(machine.cpu()).kind, InstructionKind::kCall);
  const Moment call = machine.moment();
  debugger.step_over();
  EXPECT_EQ(machine.moment(), after);
  debugger.step_back();
  EXPECT_TRUE(name_here().starts_with("memory_init+")) << name_here();
  const Stop caller = debugger.step_back_out();
  EXPECT_EQ(caller.why, StopWhy::kStepped) << describe(caller);
  EXPECT_EQ(machine.moment(), call);
  debugger.step();
  EXPECT_EQ(here(), inside);
  expect_undisturbed();
}

TEST_F(DebuggerTest, OutOfAnInterruptHandlerBothWays) {
  debugger.run_to({.kind = PointKind::kRingChange, .ring = 3}, kShell);
  debugger.run(machine.now() + 3'000'000);
  const Stop interrupt = debugger.run_to({.kind = PointKind::kVector, .vector_kinds = kHardwareInterrupts, .condition = "cpl == 0"}, kShell);
  ASSERT_EQ(interrupt.why, StopWhy::kPoint) << describe(interrupt);
  for (int i = 0; i < 4; ++i) debugger.step();
  const Stop out = debugger.step_back_out();
  EXPECT_EQ(out.why, StopWhy::kStepped) << describe(out) << " in " << name_here();
  EXPECT_EQ(machine.moment(), interrupt.hits[0].before);
}

TEST_F(DebuggerTest, RepeatedInstructionsByIterationAndAsOne) {
  // The BIOS clears memory with REP STOS on its way.
  bool found = false;
  for (int i = 0; i < 2'000'000 && !found; ++i) {
    found = shape_here(machine.cpu()).kind == InstructionKind::kRepeated && (machine.cpu().gpr[kECX] & 0xFFFF) > 100;
    if (!found) machine.step();
  }
  ASSERT_TRUE(found);
  TimeTravel fresh(machine);
  Debugger local(machine, &fresh);
  const Moment begin = machine.moment();
  const std::uint32_t eip = machine.cpu().eip;
  local.step();
  EXPECT_EQ(machine.cpu().eip, eip);
  EXPECT_EQ(machine.now(), begin.tick + 1);
  local.step_repeated();
  EXPECT_NE(machine.cpu().eip, eip);
  EXPECT_GT(machine.now(), begin.tick + 90);
  local.step_back_repeated();
  EXPECT_EQ(machine.moment(), begin);
}

TEST_F(DebuggerTest, LinesForwardsAndBack) {
  debugger.run_to(at("kernel_main"));
  const auto first = debugger.symbols().source_of(here());
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(first->file.ends_with("main.c"));
  debugger.step_line(true);
  debugger.step_line(true);
  const auto third = debugger.symbols().source_of(here());
  ASSERT_TRUE(third.has_value());
  EXPECT_TRUE(third->file.ends_with("main.c"));
  const Moment there = machine.moment();
  const auto line = third->line;
  debugger.step_line(true);
  EXPECT_NE(debugger.symbols().source_of(here())->line, line);
  debugger.step_line_back(true);
  EXPECT_EQ(debugger.symbols().source_of(here())->line, line);
  EXPECT_EQ(machine.moment(), there);
}

TEST_F(DebuggerTest, TracePointsTellAndGoOn) {
  unsigned told = 0;
  debugger.set_trace_listener([&](const Hit& hit) { told += hit.kind == PointKind::kVector ? 1u : 0u; });
  debugger.add({.kind = PointKind::kVector, .action = PointAction::kTrace, .vector_kinds = kExceptions});
  EXPECT_EQ(debugger.run(kShell).why, StopWhy::kLimit);
  EXPECT_GT(told, 5u);
  expect_undisturbed();
}

// Counted in ticks, not in host time: a guest that does nothing but fault takes a second for a million of them.
TEST_F(DebuggerTest, LooksForInterruptsOftenInBothDirections) {
  Tick last = 0, longest = 0;
  debugger.set_poll([&] {
    const Tick now = machine.now();
    longest = std::max(longest, now > last ? now - last : 0);
    last = now;
    return false;
  });
  debugger.run(kShell);
  EXPECT_GE(machine.now(), kShell);
  StopPointSpec never = at("kernel_main");
  never.condition = "0";
  debugger.add(never);
  debugger.run_back();
  EXPECT_LE(longest, 1'000'000u);
  debugger.set_poll({});
}

TEST_F(DebuggerTest, AThousandPointsChangeNothing) {
  std::vector<StopPointSpec> specs;
  for (std::uint32_t i = 0; i < 1000; ++i)
    specs.push_back({.kind = PointKind::kInstruction, .address = symbol("kernel_main") + i * 3, .condition = "0"});
  for (std::uint32_t i = 0; i < 100; ++i)
    specs.push_back({.kind = PointKind::kMemory, .address = symbol("armed") + i * 64, .size = 4, .on_read = true, .condition = "0"});
  debugger.add(specs);
  EXPECT_EQ(debugger.run(kShell).why, StopWhy::kLimit);
  expect_undisturbed();
}

TEST_F(DebuggerTest, BackwardsFindsTheSameAsForwards) {
  debugger.run_to(at("kernel_main"));
  const Moment begin = machine.moment();
  const int id = debugger.add(at("task_sleep"));
  std::vector<Moment> forwards;
  for (;;) {
    const Stop stop = debugger.run(kShell);
    if (stop.why != StopWhy::kPoint) break;
    forwards.push_back(stop.moment);
    if (forwards.size() == 12) break;
  }
  ASSERT_GE(forwards.size(), 3u);
  std::vector<Moment> backwards = {machine.moment()};
  while (backwards.size() < forwards.size() && debugger.run_back().why == StopWhy::kPoint) backwards.push_back(machine.moment());
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(debugger.run_back().why, StopWhy::kBeginning);
  EXPECT_LT(machine.moment(), begin);
  debugger.remove(id);
}

// An interrupt at the very end of the known past is delivered by a step, and is met there as it was before.
TEST_F(DebuggerTest, MeetsAnInterruptAgainThatItHasGoneBackTo) {
  StopPointSpec timer;
  timer.kind = PointKind::kVector;
  timer.vector = 0x20;
  debugger.add(timer);
  debugger.run(5'000'000);
  for (int i = 0; i < 3; ++i) {
    const Stop first = debugger.run(kShell);
    ASSERT_EQ(first.why, StopWhy::kPoint) << describe(first);
    const Stop back = debugger.run_back();
    ASSERT_EQ(back.why, StopWhy::kPoint) << describe(back);
    ASSERT_LT(back.moment, first.moment);
    const Stop again = debugger.run(kShell);
    ASSERT_EQ(again.why, StopWhy::kPoint) << describe(again);
    EXPECT_EQ(again.moment, first.moment);
    expect_undisturbed();
  }
}

}  // namespace
}  // namespace ringside
