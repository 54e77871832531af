// The machine as a whole, with tiny programs in the place of the BIOS.
#include <gtest/gtest.h>

#include <string>

#include "machine/errors.h"
#include "machine/machine.h"
#include "machine/state_diff.h"
#include "tests/machine/busy_guest.h"

namespace ringside {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Collector : ByteSink {
  std::string text;
  void put(std::uint8_t byte) override { text += static_cast<char>(byte); }
};

class MachineTest : public testing::Test {
 protected:
  MachineConfig config_with(const Bytes& code) {
    rom_ = std::make_unique<TemporaryFile>(rom_of(code));
    MachineConfig config;
    config.memory = 2 << 20;
    config.bios = rom_->path();
    return config;
  }
  std::unique_ptr<TemporaryFile> rom_;
};

TEST_F(MachineTest, DebugExitEndsTheRun) {
  MachineConfig config = config_with({0xB0, 0x05, 0xE6, 0xF4, 0xF4});
  config.debug_exit = true;
  Machine machine(config);
  EXPECT_EQ(machine.run(1'000'000), StopReason::kDebugExit);
  EXPECT_EQ(machine.debug_exit_value(), 5);
  EXPECT_EQ(machine.instructions(), 3u);
}

TEST_F(MachineTest, WithoutTheOptionThePortDoesNothing) {
  Machine machine(config_with({0xB0, 0x05, 0xE6, 0xF4, 0xEB, 0xFE}));
  EXPECT_EQ(machine.run(1'000), StopReason::kLimit);
  EXPECT_EQ(machine.now(), 1'000u);
}

TEST_F(MachineTest, HaltedWithInterruptsOffIsTheEnd) {
  Machine machine(config_with({0xFA, 0xF4}));
  EXPECT_EQ(machine.run(kNever), StopReason::kHalted);
}

TEST_F(MachineTest, TripleFaultIsTheEnd) {
  // LIDT with limit 0, then INT3.
  Machine machine(config_with({0x31, 0xC0, 0x8E, 0xD8, 0x0F, 0x01, 0x1E, 0x00, 0x01, 0xCC}));
  EXPECT_EQ(machine.run(kNever), StopReason::kTripleFault);
  EXPECT_GE(machine.cpu().fault_chain.count, 2u);
}

TEST_F(MachineTest, ResetThroughPort92StartsAgain) {
  // Adds one to [500h] until it is 3, resets in between; then debug exit with it.
  MachineConfig config = config_with({0x31, 0xC0, 0x8E, 0xD8, 0xFE, 0x06, 0x00, 0x05, 0xA0, 0x00, 0x05, 0x3C, 0x03,
                                      0x75, 0x02, 0xE6, 0xF4, 0xB0, 0x00, 0xE6, 0x92, 0xB0, 0x01, 0xE6, 0x92, 0xF4});
  config.debug_exit = true;
  Machine machine(config);
  EXPECT_EQ(machine.run(1'000'000), StopReason::kDebugExit);
  EXPECT_EQ(machine.debug_exit_value(), 3);
}

TEST_F(MachineTest, AHaltJumpsToTheNextEvent) {
  Machine machine(config_with(kBusyProgram));
  EXPECT_EQ(machine.run(10'000'000), StopReason::kLimit);
  EXPECT_EQ(machine.now(), 10'000'000u);
  EXPECT_LT(machine.instructions(), 1'000'000u);
  // 0.1 s of 1,193,182 Hz / 1024.
  EXPECT_NEAR(machine.memory().read16(0x600), 116, 2);
}

TEST_F(MachineTest, StepsAndRunsAgree) {
  const MachineConfig config = config_with(kBusyProgram);
  Machine ran(config), stepped(config);
  ran.run(50'000);
  while (stepped.now() < 50'000) ASSERT_EQ(stepped.step(), StopReason::kLimit);
  // A step may end behind a halt or the delivery of an interrupt: compare later.
  ran.run(200'000);
  stepped.run(200'000);
  EXPECT_EQ(ran.state_hash(), stepped.state_hash());
  for (const std::string& line : state_difference(ran, stepped)) ADD_FAILURE() << line;
  EXPECT_EQ(ran.instructions(), stepped.instructions());
}

TEST_F(MachineTest, WhereTheRunIsCutDoesNotMatter) {
  const MachineConfig config = config_with(kBusyProgram);
  Machine whole(config), cut(config);
  whole.run(300'000);
  for (Tick t = 0; t < 300'000; t += 777) cut.run(t);
  cut.run(300'000);
  EXPECT_EQ(whole.state_hash(), cut.state_hash());
}

TEST_F(MachineTest, SaveAndLoadChangeNothing) {
  const MachineConfig config = config_with(kBusyProgram);
  Machine whole(config);
  whole.run(400'000);
  for (const Tick at : {Tick{0}, Tick{1}, Tick{37}, Tick{50'001}, Tick{123'456}}) {
    Machine first(config);
    first.run(at);
    const std::string hash = first.state_hash();
    const auto state = first.save();
    Machine second(config);
    second.load(state);
    EXPECT_EQ(second.state_hash(), hash) << at;
    second.run(400'000);
    EXPECT_EQ(second.state_hash(), whole.state_hash()) << at;
    EXPECT_EQ(second.instructions(), whole.instructions()) << at;
  }
}

TEST_F(MachineTest, DamagedStatesAreRefused) {
  const MachineConfig config = config_with(kBusyProgram);
  Machine machine(config);
  machine.run(1'000);
  auto state = machine.save();
  state.resize(state.size() / 2);
  EXPECT_THROW(machine.load(state), StateError);
  MachineConfig larger = config;
  larger.memory = 4 << 20;
  Machine other(larger);
  EXPECT_THROW(other.load(machine.save()), StateError);
}

TEST_F(MachineTest, ARunIsRepeatedFromItsInputLog) {
  const MachineConfig config = config_with(kBusyProgram);
  Collector heard, heard_again;
  Machine live(config);
  live.set_serial_sink(&heard);
  // Input at ticks that have nothing to do with the guest.
  for (const char c : std::string("replay me")) {
    live.run(live.now() + 31'337);
    EXPECT_TRUE(live.serial(static_cast<std::uint8_t>(c)));
    live.key(KeyCode::kA, true);
    live.mouse(3, -2, 0, 1);
    live.key(KeyCode::kA, false);
  }
  live.run(5'000'000);
  EXPECT_EQ(heard.text, "replay me");

  Machine again(config, InputLog::parse(live.input_log().serialize()));
  again.set_serial_sink(&heard_again);
  again.run(5'000'000);
  EXPECT_EQ(heard_again.text, heard.text);
  EXPECT_EQ(again.state_hash(), live.state_hash());
  EXPECT_EQ(again.instructions(), live.instructions());
}

TEST_F(MachineTest, AReplayTakesNoNewInput) {
  const MachineConfig config = config_with(kBusyProgram);
  InputLog log;
  log.append({.tick = 0, .kind = InputKind::kDate, .value = 0});
  log.append({.tick = 1'000'000, .kind = InputKind::kSerial, .value = 'x'});
  Machine machine(config, log);
  machine.run(1'000);
  EXPECT_THROW(machine.key(KeyCode::kA, true), ConfigError);
}

TEST_F(MachineTest, ImpossibleMachinesAreRefused) {
  MachineConfig config = config_with({0xF4});
  config.memory = 1000;
  EXPECT_THROW(Machine{config}, ConfigError);
  config.memory = std::uint64_t{4} << 30;
  EXPECT_THROW(Machine{config}, ConfigError);
  config.memory = 2 << 20;
  config.cpu = "z80";
  EXPECT_THROW(Machine{config}, ConfigError);
  config.cpu = "";
  config.ips = 1;
  EXPECT_THROW(Machine{config}, ConfigError);
  config.ips = kMinIps;
  const TemporaryFile odd(Bytes(1000, 0));
  config.bios = odd.path();
  EXPECT_THROW(Machine{config}, FileError);
}

}  // namespace
}  // namespace ringside
